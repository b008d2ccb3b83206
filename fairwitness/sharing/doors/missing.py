"""What the stores say of bytes that a package should hold and that were refused: lost, or to be waited for."""

from fairwitness.kernel import blobs
from fairwitness.kernel.refusals import NotFound, Refusal, Unavailable
from fairwitness.packages.bag import Differs
from fairwitness.packages.content import Exhibit
from fairwitness.packages.disclosure import DAMAGED, LOST


def why_missing(each: Exhibit, refusal: Refusal) -> str:
    """Why no store gives the bytes of an exhibit that were refused, each store asked anew: damaged or lost.

    Empty where one gives them, so that something else failed, and where one does not answer, and may give them later.
    """
    if isinstance(refusal, Differs):
        return DAMAGED
    said = {_asked(store, each.sha256) for store in blobs.store().all}
    return "" if "" in said else DAMAGED if DAMAGED in said else LOST


def _asked(store: blobs.Store, sha256: str) -> str:
    try:
        store.check()
        source = blobs.store().open_in(store.name, sha256)
    except NotFound:
        return LOST if _has_any(store) else ""
    except blobs.Damaged:
        return DAMAGED
    except Unavailable:
        return ""
    try:
        with source:
            return "" if blobs.digest_of(source) == sha256 else DAMAGED
    except blobs.Damaged:
        return DAMAGED
    except Refusal:
        # The store is there and begins to give them: it is these bytes that it cannot read.
        return LOST


def _has_any(store: blobs.Store) -> bool:
    """Whether a store holds anything: one that holds nothing at all is a folder whose disk is not there."""
    return next(store.names(), None) is not None
