"""How much work a certificate may require: a short file must not cost hours.

A limit on reading raises `ProblemError`, a limit on a proof leaves its side "not proved"; both name the limit.
"""

#: Bytes of a file or of a text.
MOST_BYTES = 2**27

#: Bits of the numerator or the denominator of a number; a number that is not rational is between 2^-that and 2^that.
MOST_BITS = 20_000

#: Characters of an expression.
MOST_CHARACTERS = 2000

#: Bits of the common denominator of a list of numbers; beyond, sums of fractions grow long, and balls will do.
MOST_COMMON_BITS = 8192

#: Vertices of the box of one cell.
MOST_VERTICES = 2**16

#: Evaluations of logarithms and exponentials in a proof: several minutes.
MOST_EVALUATIONS = 2**28

#: Distinct source letters whose subsets are priced, with two output letters and with more.
MOST_LETTERS_TWO, MOST_LETTERS = 22, 16

#: Costs, and labels, beside the first.
MOST_FURTHER = 64

#: Components of a vector Gaussian.
MOST_COMPONENTS = 256

#: Intervals of a range that is cut up.
MOST_INTERVALS = 4000

#: How often a dual may be about an easier or an equal problem; three are all that make sense.
MOST_RELAXATIONS = 5
