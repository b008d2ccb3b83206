"""What was delivered or entered, read and bounded before any act sees it; the forms of holds stand in `holds`."""

from fairwitness.evidence.acts.delivered import (
    MAX_CELL,
    Columns,
    Delivered,
    Table,
    cell,
    columns,
    comparable,
    is_audit_trail,
    looks_like_table,
    moment,
)
from fairwitness.evidence.forms.access import GrantForm, OrderForm, OutcomeForm
from fairwitness.evidence.forms.keeping import (
    BecauseForm,
    CategoryForm,
    PeriodForm,
    SeenForm,
    SettleForm,
)
from fairwitness.evidence.forms.lists import FilterForm, OwnerForm, filters_of
from fairwitness.evidence.forms.recording import BeatForm, NoteForm

__all__ = [
    "BeatForm",
    "BecauseForm",
    "CategoryForm",
    "Columns",
    "Delivered",
    "FilterForm",
    "GrantForm",
    "MAX_CELL",
    "NoteForm",
    "OrderForm",
    "OutcomeForm",
    "OwnerForm",
    "PeriodForm",
    "SeenForm",
    "SettleForm",
    "Table",
    "cell",
    "columns",
    "comparable",
    "filters_of",
    "is_audit_trail",
    "looks_like_table",
    "moment",
]
