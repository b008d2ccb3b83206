"""The check of evidence: every sealed row against its entry, every blob against its name."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection

from fairwitness.evidence import events
from fairwitness.evidence.doors import disposal as disposals
from fairwitness.evidence.models import (
    Approval,
    Attachment,
    Clip,
    Derivative,
    Disposal,
    DryRun,
    Note,
    Offset,
    Recording,
    Viewing,
)
from fairwitness.kernel import clock
from fairwitness.kernel.blobs import Stores, digest_of
from fairwitness.kernel.blobs import named as blob_names
from fairwitness.kernel.bound import Bound
from fairwitness.kernel.events import Event
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject
from fairwitness.kernel.refusals import NotFound, Unavailable
from fairwitness.policy import doors as policy
from fairwitness.rules.canonical import canonical, named_digest

OF_RECORDING = "JOIN evidence_recording o ON o.id = r.recording_id"


BOUND = (
    Bound(
        Recording,
        (events.RECORDING_SEALED, events.UPLOAD_REFUSED),
        "'Recording ' || r.number",
        "('sha256:' || r.sha256, r.size::text, r.number, r.by_hand::text, r.status) IS DISTINCT FROM (p.facts ->> "
        "CASE r.status WHEN 'refused' THEN 'found' ELSE 'sha256' END, p.facts ->> 'size', p.facts ->> 'number', "
        "coalesce(p.facts ->> 'by_hand', 'false'), "
        # Whether what was sealed was erased since is asked of the certificates (check_erased).
        "CASE e.event WHEN 'evidence.recording_sealed' THEN CASE r.status WHEN 'erased' THEN 'erased' ELSE 'sealed' END "
        "ELSE 'refused' END)",
    ),
    Bound(
        Attachment,
        (events.ATTACHMENT_SEALED,),
        "'The attached file ' || r.id",
        "('sha256:' || r.sha256, r.size::text, r.recording_id::text) IS DISTINCT FROM "
        "(p.facts ->> 'sha256', p.facts ->> 'size', p.facts ->> 'recording_id')",
    ),
    Bound(
        Note,
        (events.NOTE_ADDED,),
        "'Note ' || r.id || ' of recording ' || o.number",
        "('sha256:' || encode(sha256(convert_to(r.text, 'UTF8')), 'hex'), r.at_ms::text, 'member:' || r.author_id) "
        "IS DISTINCT FROM (p.facts ->> 'text_sha256', p.facts ->> 'at_ms', e.actor)",
        OF_RECORDING,
    ),
    Bound(
        Clip,
        (events.CLIP_ASKED, events.CLIP_MADE),
        "'The clip ' || r.id || ' of recording ' || o.number",
        "CASE e.event WHEN 'evidence.clip_asked' THEN ('sha256:' || encode(sha256(convert_to(r.name, 'UTF8')), 'hex'), "
        "r.begins_ms::text, r.ends_ms::text, 'member:' || r.asked_by_id) IS DISTINCT FROM (p.facts ->> 'name_sha256', "
        "p.facts ->> 'begins_ms', p.facts ->> 'ends_ms', e.actor) ELSE ('sha256:' || r.sha256, r.size::text, "
        "'sha256:' || r.proof_sha256) IS DISTINCT FROM (p.facts ->> 'sha256', p.facts ->> 'size', "
        "p.facts ->> 'proof_sha256') END",
        OF_RECORDING,
    ),
    Bound(
        Offset,
        (events.OFFSET_FOUND,),
        "'What was found about the clock of recording ' || o.number || ' (' || r.id || ')'",
        "(r.offset_ms::text, r.at_ms::text, r.how, r.other_id::text, 'member:' || r.found_by_id) IS DISTINCT FROM "
        "(p.facts ->> 'offset_ms', p.facts ->> 'at_ms', p.facts ->> 'offset_how', p.facts ->> 'other_id', e.actor)",
        OF_RECORDING,
    ),
    Bound(
        Approval,
        (events.LIST_APPROVED,),
        "'The approval ' || r.id || ' of a list of disposal'",
        "('sha256:' || r.digest, 'member:' || r.member_id) IS DISTINCT FROM (p.facts ->> 'list_sha256', e.actor)",
    ),
    Bound(
        Viewing,
        (events.VIEWING_BEGUN,),
        "'Viewing ' || r.id || ' of recording ' || o.number",
        "(r.purpose, 'member:' || r.member_id) IS DISTINCT FROM (p.facts ->> 'purpose', e.actor)",
        OF_RECORDING,
    ),
)

# Who wore the camera, and when: the latest entry that says so counts; one that never said so said nobody.
LATEST = """
SELECT r.number, r.owner_id::text, w.owner, r.started, w.started, r.delivered, w.delivered
  FROM evidence_recording r CROSS JOIN LATERAL (
       SELECT (array_agg(p.facts ->> 'owner_id' ORDER BY e.at DESC, e.id DESC)
                 FILTER (WHERE p.facts ->> 'owner_id' IS NOT NULL))[1] AS owner,
              (array_agg(p.facts ->> 'started' ORDER BY e.at DESC, e.id DESC)
                 FILTER (WHERE p.facts ->> 'started' IS NOT NULL))[1] AS started,
              min(p.facts ->> 'delivered_sha256') AS delivered, count(*) > 0 AND count(*) = count(p.entry_id) AS whole
         FROM kernel_entrysubject s JOIN kernel_entry e ON e.id = s.entry_id AND e.event = ANY(%s)
         LEFT JOIN kernel_entryprivate p ON p.entry_id = e.id
        WHERE s.kind = 'evidence.recording' AND s.subject = r.id) w
 WHERE r.status IN ('sealed', 'erased') AND w.whole ORDER BY r.number
"""
SAY_WHO_AND_WHEN = (events.RECORDING_SEALED, events.RECORDING_PROBED, events.OWNER_SETTLED)

# A derivative has no entry of its own as subject: the latest that was made of its kind counts.
MADE = """
SELECT d.kind, o.number FROM evidence_derivative d JOIN evidence_recording o ON o.id = d.recording_id
 WHERE 'sha256:' || d.sha256 IS DISTINCT FROM (
       SELECT p.facts ->> 'sha256' FROM kernel_entrysubject s
         JOIN kernel_entry e ON e.id = s.entry_id AND e.event = %s
         JOIN kernel_entryprivate p ON p.entry_id = e.id AND p.facts ->> 'kind' = d.kind
        WHERE s.kind = 'evidence.recording' AND s.subject = d.recording_id ORDER BY e.at DESC, e.id DESC LIMIT 1)
 ORDER BY 2, 1
"""


def check_rows() -> Iterator[str]:
    """Faults between records and the entries that wrote them: changed, never written; removed is the log's check."""
    for bound in BOUND:
        yield from bound.faults()
    yield from _check_who_and_when()
    yield from check_erased()
    yield from _check_proofs()
    with connection.cursor() as cursor:
        cursor.execute(MADE, [events.DERIVATIVE_MADE.name])
        for kind, number in cursor.fetchall():
            yield f"The {kind} of recording {number} is not what was made of it last: its row was changed."


def _check_who_and_when() -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(LATEST, [[e.name for e in SAY_WHO_AND_WHEN]])
        for number, owner, said_owner, started, said_started, row, said_row in cursor:
            if owner != said_owner:
                yield f"Recording {number}: who wore the camera is not what its entries say: its row was changed."
            if clock.rfc3339(started) != said_started:
                yield f"Recording {number}: when it was recorded is not what its entries say: its row was changed."
            if delivered_digest(row) != said_row:
                yield f"Recording {number}: what the source said of it was changed."


def _check_proofs() -> Iterator[str]:
    """The proof of each clip against the digest that its entry binds."""
    rows = Clip.objects.filter(status=Clip.Status.MADE).select_related("recording")
    for row in rows.iterator():
        found = hashlib.sha256(canonical(row.proof)).hexdigest() if row.proof else ""
        if found != row.proof_sha256:
            number = row.recording.number
            yield f"The proof of a clip of recording {number} is not the one that its entry binds: its row was changed."


def check_erased() -> Iterator[str]:
    """Faults of what was erased: without an entry, a certificate that fits, approvals, or a rule that was there."""
    said = _said_erased()
    about = EntrySubject.objects.filter(entry_id__in=[entry for entry, _facts in said.values()])
    recordings = dict(about.filter(kind="evidence.recording").values_list("subject", "entry_id"))
    erased = Recording.objects.filter(status=Recording.Status.ERASED)
    for pk, number in erased.values_list("pk", "number"):
        if pk not in recordings:
            yield f"Recording {number} is marked as erased, and no entry says that its bytes were: its row was changed."
    for number in (
        Recording.objects.filter(pk__in=recordings).exclude(pk__in=erased).values_list("number", flat=True)
    ):
        yield f"Recording {number}: an entry says that its bytes were erased, and its row says otherwise: it was changed."
    done = Disposal.objects.filter(status__in=(Disposal.Status.ERASED, Disposal.Status.RELEASED))
    for row in done.select_related("recording", "list").order_by("recording__number"):
        entry_id, facts = said.pop(row.pk, (None, None))
        if entry_id is None:
            yield f"The disposal of recording {row.recording.number} has no entry that says so: its row was changed."
        elif facts is not None:
            yield from _check_certificate(row, facts)
    for entry_id, _facts in said.values():
        yield f"Entry {entry_id} says that bytes were erased, and its disposal says otherwise: its row was changed."


def _said_erased() -> dict[uuid.UUID, tuple[uuid.UUID, Mapping[str, Any] | None]]:
    """By disposal: the entry that says that its bytes are erased, and its facts where they are kept."""
    entries = Entry.objects.filter(event=events.BYTES_ERASED.name).values("pk")
    facts = dict(EntryPrivate.objects.filter(entry_id__in=entries).values_list("entry_id", "facts"))
    about = EntrySubject.objects.filter(entry_id__in=entries, kind="evidence.disposal")
    return {pk: (entry, facts.get(entry)) for entry, pk in about.values_list("entry_id", "subject")}


def _check_certificate(row: Disposal, facts: Mapping[str, Any]) -> Iterator[str]:
    whose = f"The certificate of recording {row.recording.number}"
    found = hashlib.sha256(canonical(row.certificate)).hexdigest() if row.certificate else ""
    if not found == row.certificate_sha256 == str(facts.get("certificate", "")).removeprefix("sha256:"):
        yield f"{whose} is not the one that its entry binds: its row was changed."
        return
    cited = policy.citation(row.version_id, row.rule)
    fits = cited is not None and getattr(cited.rule.parameters, "category", None) == row.category
    if not fits or facts.get("rule") != row.rule or facts.get("version_id") != str(row.version_id):
        yield f"{whose} names the rule {row.rule}, which that version of the policy does not have for its category."
    yield from _check_approvals(row, whose)


def _check_approvals(row: Disposal, whose: str) -> Iterator[str]:
    """Enough different people must have approved the list as it was when this recording went into its grace."""
    noted = _facts_about("evidence.recording", row.recording_id, events.DISPOSAL_APPROVED)
    mine = next((facts for _actor, facts in noted if facts.get("list_id") == str(row.list_id)), None)
    given = _facts_about("evidence.disposallist", row.list_id, events.LIST_APPROVED)
    if mine is None:
        yield f"{whose}: no entry says that its list was approved."
        return
    fitting = [
        (actor, facts) for actor, facts in given if facts.get("list_sha256") == mine.get("list_sha256")
    ]
    people = {actor for actor, _facts in fitting}
    needed = max((int(facts["needed"]) for _actor, facts in fitting), default=2)
    if len(people) < max(2, needed):
        yield f"{whose}: its list was approved by {len(people)} people, and {max(2, needed)} are needed."
    named = (
        {f"member:{each['member']}" for each in row.certificate["approvers"]} if row.certificate else set()
    )
    if named != people:
        yield f"{whose} names other approvers than the entries do."


def _facts_about(kind: str, pk: uuid.UUID, event: Event) -> list[tuple[str, Mapping[str, Any]]]:
    about = EntrySubject.objects.filter(kind=kind, subject=pk).values("entry_id")
    rows = Entry.objects.filter(pk__in=about, event=event.name).values_list("pk", "actor")
    facts = dict(
        EntryPrivate.objects.filter(entry_id__in=[row[0] for row in rows]).values_list("entry_id", "facts")
    )
    return [(actor, facts[entry]) for entry, actor in rows if entry in facts]


def delivered_digest(row: Mapping[str, str] | str) -> str | None:
    """SHA-256 of the delivered row (as text where Django leaves it so); an act binds it without publishing it."""
    delivered = json.loads(row) if isinstance(row, str) else row
    return named_digest(canonical(delivered)) if delivered else None


def check_blobs(store: Stores, progress: Callable[[int], None] | None = None) -> Iterator[str]:
    """Faults of the stored bytes, every copy in every store read whole: missing, damaged, or named by no record."""
    erased = disposals.erased_bytes()
    named = {digest: whose for digest, whose in _named() if digest not in erased}
    yield from _check_gone(store, erased)
    for digest, whose in named.items():
        found = 0
        for place in store.all:
            where = f", in the store {place.name}" if len(store.all) > 1 else ""
            try:
                with store.open_in(place.name, digest) as file:
                    hashed, size = digest_of(file), file.size
            except NotFound:
                continue
            except Unavailable as refused:
                yield f"{whose}{where}: {refused.sentence} ({digest})"
                found += 1
                continue
            found += 1
            if hashed != digest:
                yield (
                    f"{whose}{where}: its bytes were changed; they hash to {hashed} and were "
                    f"sealed as {digest}."
                )
            if progress:
                progress(size)
        if not found:
            yield f"{whose}: the store does not hold its bytes ({digest})."
    for digest in store.digests():
        if digest not in named and digest not in erased:
            yield (
                f"The store holds {digest}, which no record names: left by a delivery that broke off (bring it in "
                "again), or its record was removed."
            )


def _check_gone(store: Stores, erased: Mapping[str, str]) -> Iterator[str]:
    """Bytes that were erased and are here again, such as from a backup."""
    for digest, number in erased.items():
        for place in store.all:
            try:
                if not store.absent_in(place.name, digest):
                    yield (
                        f"Recording {number}: bytes that were erased under a rule are here again, in the store "
                        f"{place.name} ({digest})."
                    )
            except Unavailable as refused:
                yield f"Recording {number}, in the store {place.name}: {refused.sentence}"


def _named() -> Iterator[tuple[str, str]]:
    """Every digest that a record names, with the record's name."""
    for digest, recording, kind in Derivative.objects.values_list("sha256", "recording__number", "kind"):
        yield digest, f"The {kind} of recording {recording}"
    for digest, recording in Clip.objects.exclude(sha256="").values_list("sha256", "recording__number"):
        yield digest, f"A clip of recording {recording}"
    for digest, pk in Attachment.objects.values_list("sha256", "pk"):
        yield digest, f"The attached file {pk}"
    for digest, number in DryRun.objects.values_list("list_sha256", "number"):
        yield digest, f"The list of the dry run {number}"
    for every in blob_names.EVERY.values():
        yield from every()
    for digest, number in Recording.objects.values_list("sha256", "number"):
        yield digest, f"Recording {number}"
