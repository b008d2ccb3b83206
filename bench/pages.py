"""A process that serves the list from one world, in turn with others: asked on its input, it answers with a time.

Each line of input is JSON: who asks, the filters, and where in the list to begin. Each line of output is the time
in the whole of Django (middleware, view, queries, template) in seconds, and the rows that the page shows.
"""

import json
import re
import sys
import time
from urllib.parse import urlencode

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models only after setup
from django.urls import reverse  # noqa: E402

from bench import visitors  # noqa: E402
from fairwitness.department import doors as department  # noqa: E402
from fairwitness.department.models import Camera, Member, Unit  # noqa: E402
from fairwitness.evidence import doors  # noqa: E402
from fairwitness.evidence.models import Recording  # noqa: E402

LINK = re.compile(rb'href="/recordings/([0-9a-f-]{36})/')


class Asker:
    """One member with a session of their own."""

    def __init__(self, badge: str) -> None:
        user = User.objects.get(member__badge=badge)
        self.actor = department.actor_of(user)
        self.client = visitors.browser(badge)
        self.addresses: dict[str, str] = {}

    def ask(self, filters: dict[str, str], depth: float) -> tuple[float, int]:
        """Fetch a page of the list: seconds, rows shown."""
        key = json.dumps([filters, depth])
        if key not in self.addresses:
            self.addresses[key] = self._address(filters, depth)
        begun = time.perf_counter()
        answer = self.client.get(self.addresses[key])
        took = time.perf_counter() - begun
        assert answer.status_code == 200, answer.status_code
        return took, len(set(LINK.findall(answer.content)))

    def _address(self, filters: dict[str, str], depth: float) -> str:
        """Where the filters lead when they are posted, as a browser posts them; deep in the list by a cursor."""
        posted = {name: _value(name, value) for name, value in filters.items()}
        answer = self.client.post(reverse("recordings"), posted)
        assert answer.status_code == 302, answer.status_code
        address: str = answer.headers["Location"]
        if depth:
            rows = doors.narrowed(self.actor, "find").order_by("-started", "-id")
            row = rows[int(rows.count() * depth)]
            address += "&" + urlencode({"after": f"{row.started.isoformat()}~{row.pk}"})
        return address


def _value(name: str, value: str) -> str:
    """A filter's value as this world has it: people, units and cameras by key, an incident of three recordings."""
    if name == "owner":
        return str(Member.objects.get(badge=value).pk)
    if name == "unit":
        return str(Unit.objects.get(code=value).pk)
    if name == "camera":
        return str(Camera.objects.get(serial=value).pk)
    if name == "incident":
        return Recording.objects.exclude(incident="").order_by("started")[3:][0].incident
    return value


def main() -> None:
    """Answer until the input ends."""
    askers: dict[str, Asker] = {}
    for line in sys.stdin:
        badge, filters, depth = json.loads(line)
        asker = askers.setdefault(badge, askers.get(badge) or Asker(badge))
        print(json.dumps(asker.ask(filters, depth)), flush=True)


if __name__ == "__main__":
    main()
