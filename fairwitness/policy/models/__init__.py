"""The records of policy, and the shape of what a version says."""

from fairwitness.policy.models.content import (
    ACCESS,
    BASES,
    KINDS,
    PARAMETERS,
    Book,
    Content,
    Rule,
    SaidDocument,
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
    "SaidDocument",
    "Version",
    "rule_from",
]
