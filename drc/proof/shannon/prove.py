"""Prove or refute an information inequality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drc.errors import must
from drc.proof.shannon.certificate import Certificate, certify
from drc.proof.shannon.statement import MOST_VARIABLES, Form, Statement
from drc.proof.shannon.witness import Witness, find_witness
from drc.proof.verdict import Verdict


@dataclass(frozen=True)
class InformationProof:
    """What is known of an information inequality: a proof, a distribution that refutes it, or neither.

    Attributes
    ----------
    claim : Statement
    given : tuple of Statement
    certificates : tuple of Certificate
        One for each bound of the claim, if it is proved; else empty.
    witness : Witness or None
        A distribution that satisfies what is given, and not the claim.

    Raises
    ------
    ProblemError
        If certificates or witness are about something else.
    """

    claim: Statement
    given: tuple[Statement, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    witness: Witness | None = None

    def __post_init__(self) -> None:
        assumed = assumptions(self.given)
        proved = tuple(certificate.form for certificate in self.certificates)
        if self.certificates and (proved != self.claim.bounds or any(c.given != assumed for c in self.certificates)):
            raise must("certificates", f"prove {self.claim}", got="; ".join(map(str, self.certificates)))
        if self.witness is not None and not self.witness.refutes(self.claim.bounds, assumed):
            raise must("witness", f"refute {self.claim}", got=str(self.witness))

    @property
    def proved(self) -> bool:
        """Whether there is a proof."""
        return bool(self.certificates)

    @property
    def verdict(self) -> Verdict:
        """PROVED, REFUTED or UNKNOWN."""
        return Verdict.PROVED if self.proved else Verdict.UNKNOWN if self.witness is None else Verdict.REFUTED

    @property
    def discrete(self) -> frozenset[str]:
        """The variables that the proof needs to be discrete: those of which an entropy is taken to be at least zero.

        All others may have densities, with differential entropies in the claim: chain rules and mutual informations have
        the same laws.
        """
        terms = (term for c in self.certificates for _, term in c.terms if term not in c.given)
        quantities = (quantity for term in terms for _, quantity in term.terms)
        return frozenset(name for q in quantities if len(q.parts) == 1 for name in q.parts[0])

    def __bool__(self) -> bool:
        return self.proved

    def __str__(self) -> str:
        given = f", given {', '.join(map(str, self.given))}" if self.given else ""
        lines = [f"{self.verdict.value}: {self.claim}{given}", *map(str, self.certificates)]
        if self.witness is not None:
            form = next(form for form in self.claim.bounds if self.witness.value(form) < 0)
            lines += [str(self.witness), f"{form} = {float(self.witness.value(form)):.6g} bit there"]
        return "\n  ".join(lines)


def assumptions(given: Sequence[Statement]) -> tuple[Form, ...]:
    """All forms that some statements say to be at least zero."""
    return tuple(bound for statement in given for bound in statement.bounds)


def prove_information(claim: str, given: Sequence[str] = ()) -> InformationProof:
    """Prove an information inequality by Shannon's inequalities, or refute it by a distribution.

    A true inequality that Shannon's do not imply, such as that of [zhang1998], stays unknown, and so does a false one that
    no distribution refutes among those that are tried. The answer does not depend on the speed of the machine.

    Parameters
    ----------
    claim : str
        See `Statement`.
    given : sequence of str
        What the claim assumes. It and the claim have at most seven variables.

    Returns
    -------
    InformationProof

    Raises
    ------
    ProblemError
        If something is not such a statement, or there are more variables.

    Examples
    --------
    >>> print(prove_information("I(X;Z) <= I(X;Y)", given=["X -> Y -> Z"]))
    Proved: I(X;Z) <= I(X;Y), given X -> Y -> Z
      I(X;Y) - I(X;Z) = I(X;Y|Z) - I(X;Z|Y) >= 0
    >>> print(prove_information("I(X;Y|Z) <= I(X;Y)"))
    Refuted: I(X;Y|Z) <= I(X;Y)
      (X, Y, Z) = (0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0) with probability 1/4 each
      I(X;Y) - I(X;Y|Z) = -1 bit there
    """
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise must("given", "be a list of statements", given)
    statement, assumed = Statement(claim), tuple(Statement(text, f"given[{i}]") for i, text in enumerate(given))
    bounds = assumptions(assumed)
    names = tuple(sorted({name for form in (*bounds, *statement.bounds) for name in form.names}))
    if len(names) > MOST_VARIABLES:
        needs = f"have at most {MOST_VARIABLES} variables"
        raise must("claim and given", needs, got=f"{len(names)}: {', '.join(names)}")
    certificates = []
    for form in statement.bounds:
        if (certificate := certify(form, bounds, names)) is None:
            return InformationProof(statement, assumed, witness=find_witness(statement.bounds, bounds, names))
        certificates.append(certificate)
    return InformationProof(statement, assumed, tuple(certificates))
