"""Records whose rows are bound by the facts of an entry: compared by `fairwitness log verify` and every night."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from fairwitness.kernel.events import Event
from fairwitness.kernel.models import Record

# For each record that an entry binds: what it is called, how the entry that wrote it is found, and where both differ.
# An entry whose facts were erased by rule has no row `p` and says nothing against anybody.
SAID = """
SELECT {name}, e.id FROM {table} r {join}
  LEFT JOIN (kernel_entrysubject s JOIN kernel_entry e ON e.id = s.entry_id AND e.event = ANY(%s))
         ON s.kind = %s AND s.subject = r.id
  LEFT JOIN kernel_entryprivate p ON p.entry_id = e.id
 WHERE e.id IS NULL OR (p.entry_id IS NOT NULL AND ({differs})) ORDER BY 1
"""


@dataclass(frozen=True)
class Bound:
    """A record whose row is bound by the facts of an entry about it; `differs` is true where they part."""

    model: type[Record]
    events: tuple[Event, ...]
    name: str
    differs: str
    join: str = ""

    def faults(self) -> Iterator[str]:
        table = self.model._meta.db_table
        query = SAID.format(name=self.name, table=table, join=self.join, differs=self.differs)
        with connection.cursor() as cursor:
            cursor.execute(query, [[e.name for e in self.events], self.model._meta.label_lower])
            for name, entry_id in cursor.fetchall():
                if entry_id is None:
                    yield f"{name} has no entry that wrote it ({self.events[0].name})."
                else:
                    yield f"{name} is not what entry {entry_id} says: its row was changed."
