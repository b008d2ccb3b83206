"""What tests of incidents need made: exports and rosters as text, read with the columns that their headers say."""

import datetime as dt
from zoneinfo import ZoneInfo

from fairwitness.incidents import acts
from fairwitness.incidents.acts import Reading, Result
from fairwitness.incidents.models import Event, Incident, Mapping
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.columns import guess_columns
from fairwitness.kernel.tables import read_table
from tests.world import BY

BOSTON = ZoneInfo("America/New_York")
HEADER = "incident,date,time,type,address,unit,dispatched,en route,arrived,cleared,disposition"
ROSTER = "badge,call sign,date,begins,ends"


def reading(data: bytes, purpose: str = "dispatch", **more: str) -> Reading:
    """How a file is read whose header says it."""
    header = read_table(data).header
    return Reading(guess_columns(header, acts.COLUMNS[purpose]), **more)  # type: ignore[arg-type]


def dispatch(text: str, by: Actor = BY, *, preview: bool = False, **more: str) -> Result:
    """Import lines under HEADER, or a whole text that has a header of its own."""
    whole = text if text.lower().startswith(("incident", "fdid", "\ufeff")) else f"{HEADER}\n{text}"
    data = whole.encode()
    act = acts.preview_dispatch if preview else acts.import_dispatch
    return act(data=data, reading=reading(data, **more), by=by)


def shifts(text: str, by: Actor = BY, *, preview: bool = False) -> Result:
    """Import lines under ROSTER."""
    data = f"{ROSTER}\n{text}".encode()
    act = acts.preview_shifts if preview else acts.import_shifts
    return act(data=data, reading=reading(data, "shifts"), by=by)


def kinds(result: Result) -> list[tuple[int, str]]:
    """Line and kind of every outcome."""
    return [(outcome.line, outcome.kind) for outcome in result.outcomes]


def fault(result: Result) -> str:
    """Why the one faulty row was left out."""
    (outcome,) = [outcome for outcome in result.outcomes if outcome.kind == "faulty"]
    return outcome.words[0]


def local(text: str) -> dt.datetime:
    """A moment as it is said in New York."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(dt.UTC)


def incident(number: str = "26-001") -> Incident:
    """The incident with this number."""
    return Incident.objects.get(number=number)


def current(number: str = "26-001") -> Event:
    """The current version of an event."""
    return Event.objects.get(number=number, replaced_by=None)


def mapping() -> Mapping:
    """The one saved mapping."""
    return Mapping.objects.get()
