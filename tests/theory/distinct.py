"""The theorems that the generic tests run over: of two that are the same, one."""

import drc

#: For bits `W2` is total variation; `test_theorems` has that the two are one theorem.
TRADEOFFS = {
    entry.id: entry.tradeoff()
    for entry in drc.catalogue()
    if not (entry.id.startswith("bernoulli") and entry.id.endswith("W2"))
}
