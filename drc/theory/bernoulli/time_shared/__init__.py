"""One shot, with time sharing; the classifier sees `Y` and the index of the code."""
