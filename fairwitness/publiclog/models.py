"""The index of the public log: which entry has which place, and the exact bytes of its leaf."""

from django.db import models

from fairwitness.kernel.models import Ledger


class Leaf(Ledger):
    """One leaf. `data` is what is hashed and published; it outlives the erasure of facts."""

    index = models.PositiveBigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.index} {self.entry_id}"
