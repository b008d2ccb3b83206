"""Guests at the edge: whoever is signed in as one, as the browser's session keeps it and as long as the door says."""

import datetime as dt

from django.http import HttpRequest

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.sharing.doors import guests

SIGNED_IN = "fairwitness.guest"
# That something was done is written down no more often than this.
NOTED_EVERY = dt.timedelta(minutes=1)


def guest_of(request: HttpRequest) -> Actor | None:
    """The guest who is signed in in this browser; None where nobody is, or it is over."""
    kept = request.session.get(SIGNED_IN)
    if not isinstance(kept, dict):
        return None
    began, seen = (dt.datetime.fromisoformat(kept[name]) for name in ("began", "seen"))
    actor = guests.actor_of_sign_in(kept["id"], began, seen)
    if actor is None:
        del request.session[SIGNED_IN]
    elif clock.now() - seen > NOTED_EVERY:
        request.session[SIGNED_IN] = {**kept, "seen": clock.now().isoformat()}
    return actor
