"""The report of a run: one HTML page with its totals, its failures and every image."""

from imgflow.report.builder import EMBEDDED_BYTES, ReportBuilder, write_report
from imgflow.report.gathering import gather, timed
from imgflow.report.standing import standing_text
from imgflow.report.totals import Totals

__all__ = [
    "EMBEDDED_BYTES",
    "ReportBuilder",
    "Totals",
    "gather",
    "standing_text",
    "timed",
    "write_report",
]
