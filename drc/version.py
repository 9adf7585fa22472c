"""The version, apart from the package itself: rooms do not import what is above them."""

__version__ = "0.1.0"
