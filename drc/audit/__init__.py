"""Cross-checks: derivation against solver, codes and published forms, at random points and at corners."""

import sys
from types import ModuleType
from typing import Any

from drc.audit.audit import AuditReport, Entry, audit, coded
from drc.audit.check import CheckReport, check_tradeoff
from drc.audit.findings import Finding, published_findings
from drc.audit.record import Record, records

__all__ = [
    "AuditReport",
    "CheckReport",
    "Entry",
    "Finding",
    "Record",
    "audit",
    "check_tradeoff",
    "coded",
    "published_findings",
    "records",
]


class _CallableRoom(ModuleType):
    """`drc.audit` is this room, once it is imported, and `drc.audit()` is the audit: the module is both."""

    def __call__(self, *args: Any, **options: Any) -> AuditReport:
        return audit(*args, **options)


sys.modules[__name__].__class__ = _CallableRoom
