"""Asymptotically, with perception and without a classification constraint."""
