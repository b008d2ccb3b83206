"""The acts of sharing: packages asked for and made, guests invited, what they look at and take."""

from fairwitness.sharing.acts.guests import (
    accept_invitation,
    close,
    count_bytes,
    download,
    end_left,
    end_share,
    invite_again,
    note_bad_invitation,
    note_left,
    share,
    sign_in,
    sign_out,
    view_item,
)
from fairwitness.sharing.acts.packages import (
    ask_package,
    clear_of,
    let_old_go,
    make_package,
    take_package,
    withdraw_package,
)

__all__ = [
    "accept_invitation",
    "ask_package",
    "clear_of",
    "close",
    "count_bytes",
    "download",
    "end_left",
    "end_share",
    "invite_again",
    "let_old_go",
    "make_package",
    "note_bad_invitation",
    "note_left",
    "share",
    "sign_in",
    "sign_out",
    "take_package",
    "view_item",
    "withdraw_package",
]
