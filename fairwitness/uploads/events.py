"""What uploads may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

HOLDINGS_REPORTED = event(
    "uploads.holdings_reported",
    _(
        "{actor} reported what cameras in {dock_id} hold: {new} files new, {changed} changed, {sealed} sealed, "
        "{refused} refused, {gone} gone, {back} there again"
    ),
    *("dock_id", "new", "changed", "sealed", "refused", "gone", "back"),
)
HOLDINGS_SETTLED = event(
    "uploads.holdings_settled",
    _("{actor} found {sealed} files seen on cameras sealed in the meantime"),
    "sealed",
)
