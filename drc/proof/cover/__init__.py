"""Claims proved by a cover: their domain is cut into boxes, on each of which intervals or derivatives decide."""

from drc.proof.cover.cover import covered

__all__ = ["covered"]
