"""One representation for several reconstructions: what it costs to know the demands only when the reconstruction is made."""
