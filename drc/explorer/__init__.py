"""The explorer: one HTML file in which every theorem of the catalogue answers to sliders."""

from drc.explorer.page import explorer, write_explorer

__all__ = ["explorer", "write_explorer"]
