"""A fault: one thing that is wrong with the system itself, in a sentence; alarms and health are made of the same ones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """`code` names the kind, such as `publiclog.silent`; `key` which of several: a store, never a person.

    `in_public` is what anybody may be told, where the sentence says more than that.
    """

    code: str
    sentence: str
    key: str = ""
    in_public: str = ""

    def __str__(self) -> str:
        return self.sentence
