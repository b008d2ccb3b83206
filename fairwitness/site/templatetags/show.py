"""How things are written on a page: moments, durations, sizes, digests, states, fields, columns, pagers."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as DecimalContext

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.utils.dateformat import format as written
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency

register = template.Library()

# Outlines in a box of 12 by 12: a state is told apart by its word, then its outline, and last its colour.
_SHAPES = {
    "done": "M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0Zm3.2 4.4L5.3 8.8 2.8 6.5l.9-1 1.5 1.4 3-3.4Z",
    "active": "M2 0 12 6 2 12Z",
    "waiting": "M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0Zm0 1.8v8.4a4.2 4.2 0 0 1 0-8.4Z",
    "attention": "M6 .4 12 11.6H0ZM5.3 4.4v3.8h1.4V4.4Zm0 4.6v1.4h1.4V9Z",
    "stopped": "M3.5 0h5L12 3.5v5L8.5 12h-5L0 8.5v-5ZM2.6 5.2v1.6h6.8V5.2Z",
    "quiet": "M6 0 12 6 6 12 0 6Zm0 2.4L2.4 6 6 9.6 9.6 6Z",
}
_WIDGET_CLASSES = {
    "select": "usa-select",
    "textarea": "usa-textarea",
    "clearablefile": "file",
}
_CHOICE_CLASSES = {
    "radioselect": "usa-radio",
    "checkboxselectmultiple": "usa-checkbox",
    "checkbox": "usa-checkbox",
}
# What happened, in a few words, by the code of the refusal (kernel.refusals).
_REFUSED = {
    "unauthorized": gettext_lazy("Who you are is not shown"),
    "sign_in_again": gettext_lazy("Show once more that it is you"),
    "forbidden": gettext_lazy("This is not open to you"),
    "not_found": gettext_lazy("There is nothing here"),
    "invalid": gettext_lazy("This cannot be used as it is"),
    "wrong_state": gettext_lazy("This cannot be done now"),
    "gone": gettext_lazy("This has ended"),
    "store_full": gettext_lazy("There is no room left"),
    "unavailable": gettext_lazy("Not to be had at the moment"),
    "body_too_large": gettext_lazy("That is too large"),
    "length_required": gettext_lazy("This cannot be taken as it comes"),
}
_THREE_FIGURES = DecimalContext(prec=3, rounding=ROUND_HALF_UP)
_BYTES_PER_UNIT = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def _milliseconds(span: int | float | timedelta) -> int:
    return round(span / timedelta(milliseconds=1)) if isinstance(span, timedelta) else round(span)


@register.filter
def duration(span: int | float | timedelta | None) -> str:
    """A span as people say it, "12 min 4 s"; `span` is in milliseconds or a timedelta; None is a dash.

    Below ten seconds one decimal is kept; units that are zero are left out.
    """
    if span is None:
        return "–"
    tenths = round(_milliseconds(span) / 100)
    if 0 < tenths < 100 and tenths % 10:
        return gettext("%(seconds)s s") % {"seconds": number_format(Decimal(tenths) / 10, 1)}
    minutes, seconds = divmod(round(_milliseconds(span) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, gettext("h")), (minutes, gettext("min")), (seconds, gettext("s")))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or gettext("0 s")


@register.filter
def timecode(position: int | None) -> str:
    """A position in a recording, in milliseconds, as hh:mm:ss.mmm."""
    if position is None:
        return "–"
    seconds, thousandths = divmod(position, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"


@register.filter
def seconds(position: int) -> str:
    """A position in milliseconds as seconds with three places, for the address of a moment: "#t=12.345"."""
    return f"{position // 1000}.{position % 1000:03}"


@register.filter
def number(value: int | Decimal | None) -> str:
    """A number with its thousands parted as the language has it, "10,000"; a dash stands for None."""
    return "–" if value is None else number_format(value, force_grouping=True)


@register.filter
def size(count: int | None) -> str:
    """A count of bytes in decimal units with three figures, "1.21 GB"."""
    if count is None:
        return "–"
    for bytes_per_unit, unit in _BYTES_PER_UNIT:
        # Rounded before the unit is chosen, so that 999,999,999 is 1.00 GB and not 1000 MB.
        amount = _THREE_FIGURES.divide(Decimal(count), Decimal(bytes_per_unit))
        if amount >= 1:
            places = max(0, 2 - amount.adjusted())
            return f"{number_format(amount.quantize(Decimal(1).scaleb(-places)))} {unit}"
    return ngettext("%(count)s byte", "%(count)s bytes", count) % {"count": count}


@register.filter
def percent_of(value: int | float, whole: int | float) -> str:
    """`value` as a percentage of `whole`, "43.21%", for a length in a picture; nothing of nothing is 0%.

    Always with a point, because it is read by the browser and not by people.
    """
    return f"{100 * value / whole:.2f}%" if whole else "0%"


@register.filter
def refused(code: str | None) -> str:
    """The heading of a refusal's page, by its code."""
    return str(_REFUSED.get(code or "", gettext("This did not work")))


@register.filter
def filename(path: str) -> str:
    """The last part of a path as a source wrote it, with either slash."""
    return path.replace("\\", "/").rpartition("/")[2]


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _machine(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _written(moment: datetime, letters: str) -> str:
    return written(moment.astimezone(agency().tz), letters)


def _exact(moment: datetime) -> str:
    return _written(moment, f"{agency().date_format}, H:i:s T")


@register.simple_tag
def when(moment: datetime | None, detail: str = "minute") -> SafeString | str:
    """A moment in the agency's zone and as it writes dates; `detail` is "day", "minute" or "exact" with zone.

    The title always holds the exact time with its zone, `datetime` holds it in UTC. A dash stands for None.
    """
    if moment is None:
        return "–"
    day = agency().date_format
    text = (
        _exact(moment)
        if detail == "exact"
        else _written(moment, {"day": day, "minute": f"{day}, H:i"}[detail])
    )
    return format_html('<time datetime="{}" title="{}">{}</time>', _machine(moment), _exact(moment), text)


@register.filter
def cited(source: str) -> str:
    """A source of a rule by the title of its document; the file's name stands in what programs read."""
    return agency().cited(source)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago a moment was, "3 h ago", with the exact time on hover and in print; None is a dash."""
    if moment is None:
        return "–"
    past = clock.now() - moment
    span = _distance(abs(past))
    words = gettext("%(span)s ago") if past > timedelta() else gettext("in %(span)s")
    text = words % {"span": span} if span else gettext("just now")
    markup = '<time class="ago" datetime="{}" title="{}">{}</time>'
    return format_html(markup, _machine(moment), _exact(moment), text)


@register.simple_tag
def zone() -> str:
    """The agency's time zone in words, "New York time (EST)"."""
    place = agency().zone.rpartition("/")[2].replace("_", " ")
    return gettext("%(place)s time (%(zone)s)") % {"place": place, "zone": _written(clock.now(), "T")}


def _distance(span: timedelta) -> str:
    """The span in its one largest unit; empty below half a minute."""
    minutes = round(span / timedelta(minutes=1))
    if span < timedelta(seconds=30):
        return ""
    if minutes < 60:
        return gettext("%(count)s min") % {"count": minutes}
    if minutes < 48 * 60:
        return gettext("%(count)s h") % {"count": round(span / timedelta(hours=1))}
    return ngettext("%(count)s day", "%(count)s days", span.days) % {"count": span.days}


@register.inclusion_tag("partials/digest.html")
def digest(value: str | None) -> dict[str, str]:
    """A digest shortened to the ends of its figures; hover, copy and print give the whole, with its algorithm."""
    whole = value or ""
    figures = whole.rpartition(":")[2]
    return {"whole": whole, "shown": figures if len(figures) <= 20 else f"{figures[:10]}…{figures[-6:]}"}


@register.simple_tag
def badge(word: str, tone: str = "quiet") -> SafeString:
    """A state by shape and word; `tone` is done, active, waiting, attention, stopped or quiet."""
    return format_html(
        '<span class="badge badge--{}"><svg viewBox="0 0 12 12" aria-hidden="true">'
        '<path fill-rule="evenodd" d="{}"/></svg>{}</span>',
        tone,
        _SHAPES[tone],
        word,
    )


@register.inclusion_tag("partials/field.html")
def field(bound: BoundField, hide_label: bool = False) -> dict[str, object]:
    """A form's field with label, hint and error as the design system has them."""
    kind = bound.widget_type
    choice = _CHOICE_CLASSES.get(kind)
    if choice:
        widget = bound.as_widget(attrs={"class": f"{choice}__input"}) if kind == "checkbox" else ""
    else:
        error = " usa-input--error" if bound.errors else ""
        widget = bound.as_widget(attrs={"class": _WIDGET_CLASSES.get(kind, "usa-input") + error})
    choices = _choices(bound, choice) if choice and kind != "checkbox" else []
    return {
        "field": bound,
        "kind": kind,
        "widget": widget,
        "choice": choice,
        "choices": choices,
        "hide_label": hide_label,
    }


def _choices(bound: BoundField, choice: str) -> list[dict[str, str]]:
    chosen = []
    for widget in bound.subwidgets:
        widget.data["attrs"]["class"] = f"{choice}__input"
        chosen.append({"tag": widget.tag(), "id": widget.id_for_label, "label": widget.choice_label})
    return chosen


def _query(context: Context) -> QueryDict:
    """The asked query without its place in the list, to be changed and linked to."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name in ("before", "after"):
        query.pop(name, None)
    return query


def _link(query: QueryDict) -> str:
    return f"?{query.urlencode()}"


@register.inclusion_tag("partials/column.html", takes_context=True)
def column(context: Context, label: str, key: str = "", numeric: bool = False) -> dict[str, object]:
    """The head of a table's column; with a `key` it sorts by it, and again by its reverse.

    `sort` in the context is the order in force, "key" or "-key".
    """
    sort = str(context.get("sort") or "")
    query = _query(context)
    query["sort"] = f"-{key}" if sort == key else key
    order = {key: "ascending", f"-{key}": "descending"}.get(sort) if key else None
    return {"label": label, "url": _link(query) if key else "", "order": order, "numeric": numeric}


@register.inclusion_tag("partials/pager.html", takes_context=True)
def pager(context: Context, before: str = "", after: str = "", words: str = "") -> dict[str, object]:
    """Links to the page before the key `before` and after the key `after`, filters and order kept."""
    links = {}
    for name, key in (("before", before), ("after", after)):
        query = _query(context)
        query[name] = key
        links[f"{name}_url"] = _link(query) if key else ""
    return {**links, "words": words}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture of the design system's sprite; it means nothing alone, so a word stands beside it."""
    markup = '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return format_html(markup, static("uswds/img/sprite.svg"), name)
