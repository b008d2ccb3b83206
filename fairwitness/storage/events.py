"""What storage may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

WHAT = {
    "changed": _("they are not what was stored"),
    "missing": _("they are not there"),
    "unreadable": _("they cannot be read"),
    "lost": _("the store lost many of them, or all, at once"),
}

STORE_BEGUN = event("storage.store_begun", _("{actor} began the store {store_id}"), "store_id", "store_kind")
COPIES_MADE = event(
    "storage.copies_made",
    _("{actor} confirmed {copies} copies in the store {store_id}"),
    *("store_id", "copies", "bytes"),
)
COPIES_CHECKED = event(
    "storage.copies_checked",
    _("{actor} read {copies} copies in the store {store_id} again: {damaged} were not as they were"),
    *("store_id", "copies", "bytes", "damaged"),
)
DAMAGE_FOUND = event(
    "storage.damage_found",
    _("{actor} found bytes of the store {store_id} damaged: {what}"),
    *("store_id", "damage_id", "what", "sha256", "copies"),
    words={"what": WHAT},
)
DAMAGE_REPAIRED = event(
    "storage.damage_repaired",
    _("{actor} repaired the bytes of the store {store_id}: {how}"),
    *("store_id", "damage_id", "from_store_id", "how", "sha256", "copies"),
    words={
        "how": {
            "copied": _("from a good copy"),
            "found": _("they are whole again"),
            "rebuilt": _("made anew from the recording"),
            "erased": _("they were erased under a rule"),
        }
    },
)
KEYS_ROTATED = event(
    "storage.keys_rotated", _("{actor} wrapped {keys} keys of stored bytes by a new master key"), "keys"
)
