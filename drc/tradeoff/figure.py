"""The figure that all pictures are drawn in; apart from the rest, because it needs matplotlib when it is imported."""

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.figure import Figure


class Embedding(Figure):
    """A figure whose letters are embedded as TrueType: conferences refuse the Type 3 fonts that are matplotlib's default."""

    def savefig(self, fname: object, **options: object) -> None:
        """Save as matplotlib does."""
        with rc_context({"pdf.fonttype": 42, "ps.fonttype": 42}):
            super().savefig(fname, **options)  # pyright: ignore[reportArgumentType] (matplotlib reads them)
