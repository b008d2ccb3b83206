"""The acts of uploads: the only functions that write its records."""

from fairwitness.uploads.acts.docks import watch_docks
from fairwitness.uploads.acts.held import CameraSaid, FileSaid, Report, report_holdings, settle_held

__all__ = ["CameraSaid", "FileSaid", "Report", "report_holdings", "settle_held", "watch_docks"]
