"""The records of policy, and the shape of what a version says."""

from fairwitness.policy.models.content import (
    ACCESS,
    BASES,
    KINDS,
    PARAMETERS,
    SINGLE,
    Book,
    Content,
    Rule,
    SaidDocument,
    Text,
    rule_from,
)
from fairwitness.policy.models.records import MEASURES, Clearance, Document, Figure, Version

__all__ = [
    "ACCESS",
    "BASES",
    "Book",
    "Clearance",
    "Content",
    "Document",
    "Figure",
    "KINDS",
    "MEASURES",
    "PARAMETERS",
    "Rule",
    "SINGLE",
    "SaidDocument",
    "Text",
    "Version",
    "rule_from",
]
