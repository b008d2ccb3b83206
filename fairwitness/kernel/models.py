"""Records and the ledger: what may be written, and the first of the three locks on history (the ORM's guard)."""

import contextvars
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from django.db import models

from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import HouseRule

# The entry of the change that is open in this context; None outside a change. Set by change.py alone.
open_entry: contextvars.ContextVar[uuid.UUID | None] = contextvars.ContextVar("open_entry", default=None)

RecordT = TypeVar("RecordT", bound="Record")


def require_change(doing: str) -> uuid.UUID:
    """The id of the entry being written, or HouseRule: a record is written only inside a change."""
    entry_id = open_entry.get()
    if entry_id is None:
        raise HouseRule(f"{doing} outside a change: open one with kernel.change.change()")
    return entry_id


class RecordQuerySet(models.QuerySet[RecordT]):
    """Bulk writes go through the same guard, and leave the entry's id on every row."""

    def update(self, **values: Any) -> int:
        # bulk_update comes through here with the same column among its own.
        return super().update(**{**values, "written_by": require_change("update")})

    def delete(self) -> tuple[int, dict[str, int]]:
        require_change("delete")
        return super().delete()

    def bulk_create(self, objs: Iterable[RecordT], *args: Any, **kwargs: Any) -> list[RecordT]:
        entry_id = require_change("bulk_create")
        rows = list(objs)
        for row in rows:
            row.written_by = entry_id
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(
        self, objs: Iterable[RecordT], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        entry_id = require_change("bulk_update")
        rows = list(objs)
        for row in rows:
            row.written_by = entry_id
        return super().bulk_update(rows, [*fields, "written_by"], batch_size)

    def _raw_delete(self, using: str | None) -> int:
        require_change("delete")
        deleted: int = super()._raw_delete(using)
        return deleted


class Record(models.Model):
    """A row with a history. `written_by` is the entry under which it was last written.

    FROZEN names columns that a trigger keeps as they were first written, even inside a change.
    MOVES says which status may follow which; a record without status leaves it empty.
    """

    FROZEN: ClassVar[tuple[str, ...]] = ()
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    written_by = models.UUIDField(editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.written_by = require_change(f"save of {type(self).__name__}")
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "written_by"}
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        require_change(f"delete of {type(self).__name__}")
        return super().delete(*args, **kwargs)


class LedgerQuerySet(models.QuerySet[Any]):
    """The ledger grows and does nothing else."""

    def update(self, **values: Any) -> NoReturn:
        raise HouseRule("the ledger is never updated")

    def delete(self) -> NoReturn:
        raise HouseRule("the ledger is never deleted from")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HouseRule("the ledger is never updated")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        require_change("writing the ledger")
        return super().bulk_create(objs, *args, **kwargs)

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise HouseRule("the ledger is never deleted from")


class Ledger(models.Model):
    """A table of the ledger: insert and read, nothing else, for everyone, for ever."""

    objects = LedgerQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        require_change("writing the ledger")
        if not self._state.adding:
            raise HouseRule("the ledger is never updated")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HouseRule("the ledger is never deleted from")


class JournalQuerySet(LedgerQuerySet):
    """Rows may be added outside a change too; nothing else may be done with them."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        return models.QuerySet.bulk_create(self, objs, *args, **kwargs)


class Journal(models.Model):
    """A table that is only added to, also outside a change: what must be kept beside the ledger, not committed to."""

    objects = JournalQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise HouseRule("a journal is never updated")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HouseRule("a journal is never deleted from")


class Entry(Ledger):
    """One line of the ledger. No foreign keys, so that nothing can cascade into it or hold it back.

    `public` is published in clear with the leaf; everything else only as a salted commitment.
    """

    id = models.UUIDField(primary_key=True)
    event = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    caused_by = models.UUIDField(null=True)
    public = models.JSONField(null=True)

    class Meta(Ledger.Meta):
        indexes = [
            models.Index(fields=["at"], name="entry_at"),
            models.Index(fields=["event", "at"], name="entry_event_at"),
            models.Index(fields=["actor", "at"], name="entry_actor_at"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.at:%Y-%m-%d %H:%M:%S}"


class EntrySubject(Ledger):
    """What an entry is about, one row each, so that the history of a thing is found by index."""

    entry_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    subject = models.UUIDField()

    class Meta(Ledger.Meta):
        indexes = [
            models.Index(fields=["kind", "subject", "entry_id"], name="subject_history"),
            models.Index(fields=["entry_id"], name="subject_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class EntryPrivate(Ledger):
    """Salt and facts of an entry, apart from it: they may be erased by rule while the log still verifies."""

    entry_id = models.UUIDField(primary_key=True)
    salt = models.BinaryField(max_length=32)
    facts = models.JSONField()

    def __str__(self) -> str:
        return str(self.entry_id)


class Outbox(models.Model):
    """Entries that the publisher has not yet given a place in the public log. Not a record: a queue.

    Row ids do not follow commit order, so "everything above the last id" would skip entries; a queue cannot.
    """

    entry_id = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return str(self.entry_id)


class NumberSeries(models.Model):
    """The last public number given out per kind and year. Not a record: the numbered things are."""

    kind = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="one_series_per_kind_and_year")]

    def __str__(self) -> str:
        return f"{self.kind}-{self.year}"


class Notice(models.Model):
    """Something one person is asked or told by another. Not a record: what happened is in the ledger.

    An `urgent` one is mailed at once, whatever its member chose. `outside` is what of it may leave the house in plain
    text; empty, the mail says no more than that there is a notice.
    """

    member = models.UUIDField()
    sentence = models.CharField(max_length=500)
    link = models.CharField(max_length=300)
    at = models.DateTimeField()
    read = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False)
    outside = models.CharField(max_length=100, blank=True)
    mailed = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["member", "read", "-at"], name="notice_member"),
            models.Index(fields=["member", "-at", "-id"], name="notice_page"),
            models.Index(fields=["at"], condition=models.Q(mailed=None, read=None), name="notice_unmailed"),
        ]

    def __str__(self) -> str:
        return self.sentence


class SavedSearch(models.Model):
    """What somebody searched for, so that text, names and incident numbers stay out of addresses. Not a record."""

    id = models.UUIDField(primary_key=True, default=new_id)
    member = models.UUIDField()
    words = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def keep(cls, member: uuid.UUID, words: Mapping[str, str], at: Any) -> Self:
        return cls.objects.create(member=member, words=dict(words), at=at)

    @classmethod
    def forget(cls, before: Any) -> None:
        """Searches made before then go; a link to one then finds everything."""
        cls.objects.filter(at__lt=before).delete()


class JobError(models.Model):
    """Why a job failed the last time it was tried. Not a record: it goes when the job is done, or is gone."""

    job_id = models.BigIntegerField(primary_key=True)
    task = models.CharField(max_length=128)
    at = models.DateTimeField()
    sentence = models.CharField(max_length=500)
    # Under which the server's own log says more; empty where the sentence says all.
    reference = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.sentence


class JobTally(models.Model):
    """What the jobs of a kind came to within one hour, and how the last of them ended. Not a record: figures."""

    task = models.CharField(max_length=128)
    hour = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    longest = models.FloatField(default=0)
    last_at = models.DateTimeField()
    # Why the last one failed; empty where it did not.
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "hour"], name="one_tally_an_hour")]

    def __str__(self) -> str:
        return f"{self.task} {self.hour:%Y-%m-%d %H}"


class BlobKey(models.Model):
    """The key of one encrypted blob, wrapped by a master key. Not a record: erasing it is how bytes are disposed of."""

    id = models.UUIDField(primary_key=True)
    sha256 = models.CharField(max_length=64)
    master = models.UUIDField()
    wrapped = models.BinaryField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="blob_key_of"),
            models.Index(fields=["master"], name="blob_key_master"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if open_entry.get() is not None:
            # The change may be rolled back, and the bytes stay.
            raise HouseRule("bytes are stored before the change that names them, never inside it")
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return str(self.id)
