"""One representation for several demands on its reconstructions."""
