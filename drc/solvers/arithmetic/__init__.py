"""Numbers that are proved: exact ones, balls, intervals of doubles, and what is computed with them for every solver."""
