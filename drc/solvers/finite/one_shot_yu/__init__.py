"""Finite alphabets, one shot, the classifier sees (Y, U): a linear program over the maps."""
