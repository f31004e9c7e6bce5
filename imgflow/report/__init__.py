"""The report of a run: one HTML page with its totals, its failures and every image."""

from imgflow.report.builder import EMBEDDED_BYTES, ReportBuilder, write_report

__all__ = ["EMBEDDED_BYTES", "ReportBuilder", "write_report"]
