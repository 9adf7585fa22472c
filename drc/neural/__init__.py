"""Trained codecs beside the theory: experiments as data, run folders, degradations, evaluation, and the backends."""

from __future__ import annotations

from drc.neural.experiment import Experiment, experiments, named

__all__ = ["Experiment", "experiments", "named"]
