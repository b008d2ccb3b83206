"""The demo's dispatch: one event moved, one cancelled, a call sign that nobody had, a row that nobody can read."""

import datetime as dt
from pathlib import Path
from typing import Any

from fairwitness.department import doors as department
from fairwitness.incidents import doors
from fairwitness.incidents.models import Event, Import, Incident, Response
from tests import demo, demo_incidents
from tests.clips.make_clips import demo_facts


def test_it_fits_the_clips(db: None, tmp_path: Path, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    demo._people(lambda words: None)
    yesterday = department.today() - dt.timedelta(days=1)
    clips = [
        clip for seed in demo.SEEDS for clip in demo_facts(tmp_path, count=18, seed=seed, last_day=yesterday)
    ]
    demo_incidents.before(clips)
    demo_incidents.after(clips)
    calls = demo_incidents.calls(clips)
    assert Incident.objects.count() == len(calls) + 1
    assert [e.incident.number for e in Event.objects.filter(cause="moved")] == [calls[1].number]
    assert Event.objects.filter(cause="cancelled", cancelled=True).count() == 1
    assert sorted(each.counts["faulty"] for each in Import.objects.filter(purpose="dispatch")) == [0, 1]
    nobody = Response.objects.filter(event__replaced_by=None, member=None)
    assert set(nobody.values_list("call_sign", flat=True)) == {demo_incidents.STRANGER}
    for clip in clips:
        ends = clip.started_at + dt.timedelta(seconds=clip.seconds)
        wearer = demo_incidents._wearer(clip)
        assert wearer is not None
        found = doors.incidents_of_member_between(wearer.pk, clip.started_at, ends)
        assert clip.incident in {each.number for each in found}, clip
