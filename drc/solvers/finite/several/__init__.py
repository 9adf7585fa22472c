"""Several costs and several labels: plain problems with weighted ones prove bounds, and mixtures of their plans meet all."""
