"""Many bounds at once: curves and surfaces."""
