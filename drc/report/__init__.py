"""The report: every theorem with its proof, figures and tables, the audit, and a real case, in one folder."""

from drc.report.write import Report, write_report

__all__ = ["Report", "write_report"]
