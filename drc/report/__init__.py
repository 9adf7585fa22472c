"""The catalogue as a document, and the report: theorems with proofs, figures and tables, the audit, and a real case."""

from drc.report.documents import Report
from drc.report.write import write_catalogue, write_report

__all__ = ["Report", "write_catalogue", "write_report"]
