"""One shot, with common randomness; the classifier sees `(Y, U)`."""
