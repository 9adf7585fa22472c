"""Cross-checks: derivation against solver against published forms, at random points and at corners."""

from drc.audit.audit import AuditReport, Entry, audit
from drc.audit.check import CheckReport, check_tradeoff
from drc.audit.findings import Finding

__all__ = ["AuditReport", "CheckReport", "Entry", "Finding", "audit", "check_tradeoff"]
