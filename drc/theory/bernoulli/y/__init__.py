"""The classifier sees `Y` alone, one shot or asymptotically."""
