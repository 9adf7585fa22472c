"""Problems with a few real unknowns: bits and Gaussians, each an independent road to the closed forms.

`program` reads, searches, proves and answers for all of them; a solver adds its unknowns and the geometry of its program.

Bits with perception, and time-shared bits, are finite problems as well, and the finite solvers answer them. Their
own solvers remain, because they decide more and prove it more sharply. On 300 random problems with perception, many of them
extreme, the finite solver left 3 open and proved 25 to no better than 1e-12, where this one proved all of them to 1e-15; on
100 with time sharing it left 2 open, and took nine times as long.
"""
