"""An independent checker of certificates: it reads what a solver wrote, and proves it again in ball arithmetic.

It shares no code with the solvers, nor with the rest of the package but its errors and the reading of files.
"""

from drc.checker.check import Verdict, check_certificate
from drc.checker.read import read_claim

__all__ = ["check_certificate", "Verdict", "read_claim"]
