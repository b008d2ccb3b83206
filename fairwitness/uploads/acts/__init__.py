"""The acts of uploads: the only functions that write its records."""

from fairwitness.uploads.acts.announce import abandon_upload, begin_upload, finish_upload, withdraw_upload
from fairwitness.uploads.acts.docks import watch_docks
from fairwitness.uploads.acts.held import (
    CameraSaid,
    FileSaid,
    Report,
    explain_held,
    report_holdings,
    settle_held,
)
from fairwitness.uploads.acts.seal import dispose_upload, seal_upload

__all__ = [
    "CameraSaid",
    "FileSaid",
    "Report",
    "abandon_upload",
    "begin_upload",
    "dispose_upload",
    "explain_held",
    "finish_upload",
    "report_holdings",
    "seal_upload",
    "settle_held",
    "watch_docks",
    "withdraw_upload",
]
