"""The theorems that generic tests run over: of those that are made of another one in the same way, a few."""

import drc

#: A remote source is put in front of a theorem by one rule; its own tests have all of them.
_REMOTE = (
    *("bernoulli.one-shot.YU.remote.drc", "bernoulli.one-shot.Y.remote.rdc", "bernoulli.asymptotic.Y.remote.rdpc.KL"),
    *("gaussian.asymptotic.remote.drc", "gaussian.asymptotic.remote.rdpc.KL", "gaussian.asymptotic.limited.remote.drc"),
)


def _is_one(entry):
    # For bits `W2` is total variation; `test_theorems` has that the two are one theorem.
    is_twin = entry.id.startswith("bernoulli") and entry.id.endswith("W2")
    return not is_twin and (".remote" not in entry.id or entry.id in _REMOTE)


ENTRIES = tuple(entry for entry in drc.catalogue() if _is_one(entry))

TRADEOFFS = {entry.id: entry.tradeoff() for entry in ENTRIES}
