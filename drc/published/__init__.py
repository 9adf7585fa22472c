"""Formulas exactly as published, each with its citation; the audit says where they hold."""

from drc.published.theorem_2 import bernoulli_drc
from drc.published.theorem_4 import gaussian_drc
from drc.published.theorem_7 import gaussian_drpc

__all__ = ["bernoulli_drc", "gaussian_drc", "gaussian_drpc"]
