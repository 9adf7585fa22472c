"""Proofs of several theorems, in one process or in several."""

import pytest

from drc.errors import ProblemError
from drc.theory import check_proofs, entry

IDS = ["gaussian.asymptotic.limited.drc", "gaussian.asymptotic.drc"]


def test_several_processes_find_what_one_finds():
    seen = []
    alone = check_proofs(IDS)
    together = check_proofs(IDS, workers=2, progress=lambda *words: seen.append(words))
    assert list(together) == list(alone) == IDS
    assert together == alone
    assert sorted(done for _, done, _ in seen) == [1, 2]


def test_what_a_family_shares_is_what_each_proves():
    family = ["bernoulli.one-shot.YU.drc", "bernoulli.one-shot.YU.rdc"]
    assert {entry(name).family for name in family} == {"bernoulli.one-shot.YU"}
    found = check_proofs(family)
    assert found[family[1]].counts == entry(family[1]).tradeoff().derivation.check().counts


@pytest.mark.parametrize("workers", [0, -1, 1.5, "two"])
def test_workers_are_a_positive_number(workers):
    with pytest.raises(ProblemError, match="workers must be"):
        check_proofs(IDS, workers=workers)


def test_no_theorems_have_no_proofs():
    assert check_proofs([], workers=None) == {}
