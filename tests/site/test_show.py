"""How things are written on a page."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory

from fairwitness import site
from fairwitness.kernel import clock
from fairwitness.site.templatetags import show

# 14:02:11.000250 in Cambridge, Massachusetts, five days before and two days after the clocks change.
WINTER = datetime(2026, 3, 3, 19, 2, 11, 250, tzinfo=UTC)
SUMMER = datetime(2026, 3, 10, 18, 2, 11, tzinfo=UTC)
TEMPLATES = sorted((Path(site.__file__).parent / "templates").rglob("*.html"))


def rendered(markup: str, request_query: str | None = None, **context: Any) -> str:
    request = RequestFactory().get(f"/list?{request_query}") if request_query is not None else None
    template = engines["django"].from_string("{% load show %}" + markup)
    return str(template.render({**context, **({"request": request} if request else {})})).strip()


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (0, "0 s"),
        (49, "0 s"),
        (400, "0.4 s"),
        (9_940, "9.9 s"),
        (2_000, "2 s"),
        (59_999, "1 min"),
        (724_000, "12 min 4 s"),
        (3_600_000, "1 h"),
        (7_384_500, "2 h 3 min 4 s"),
        (timedelta(minutes=12, seconds=4), "12 min 4 s"),
        (None, "–"),
    ],
)
def test_duration(span: int | timedelta | None, words: str) -> None:
    assert show.duration(span) == words


@pytest.mark.parametrize(
    ("position", "code"), [(0, "00:00:00.000"), (3_723_004, "01:02:03.004"), (None, "–")]
)
def test_timecode(position: int | None, code: str) -> None:
    assert show.timecode(position) == code


def test_seconds_keeps_every_millisecond() -> None:
    assert show.seconds(12_045) == "12.045"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "–"),
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.00 kB"),
        (1_214_000_000, "1.21 GB"),
        (48_250_000, "48.3 MB"),
        (999_999_999, "1.00 GB"),
        (8_589_934_592, "8.59 GB"),
        (2_500_000_000_000, "2.50 TB"),
    ],
)
def test_size(count: int | None, words: str) -> None:
    assert show.size(count) == words


@pytest.mark.parametrize(
    ("value", "words"), [(10_000, "10,000"), (Decimal("1234.5"), "1,234.5"), (None, "–")]
)
def test_number(value: int | Decimal | None, words: str) -> None:
    assert show.number(value) == words


@pytest.mark.parametrize(("value", "whole", "length"), [(1, 3, "33.33%"), (0, 7, "0.00%"), (5, 0, "0%")])
def test_percent_of(value: int, whole: int, length: str) -> None:
    assert show.percent_of(value, whole) == length


@pytest.mark.parametrize(("name", "letters"), [("Sgt. Maria Ruiz", "SR"), ("Chen", "C"), ("", "")])
def test_initials(name: str, letters: str) -> None:
    assert show.initials(name) == letters


def test_when_is_in_the_agency_s_zone_and_exact_in_its_title() -> None:
    assert show.when(WINTER) == (
        '<time datetime="2026-03-03T19:02:11.000250Z" title="Mar 3, 2026, 14:02:11 EST">Mar 3, 2026, 14:02</time>'
    )


def test_when_says_the_zone_in_force_on_that_day() -> None:
    assert ">Mar 10, 2026, 14:02:11 EDT<" in show.when(SUMMER, "exact")


def test_when_as_a_day() -> None:
    assert ">Mar 3, 2026<" in show.when(WINTER, "day")


def test_when_of_nothing_is_a_dash() -> None:
    assert show.when(None) == "–"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=40), "1 min ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(minutes=59, seconds=50), "1 h ago"),
        (timedelta(hours=3, minutes=10), "3 h ago"),
        (timedelta(hours=47, minutes=50), "48 h ago"),
        (timedelta(hours=49), "2 days ago"),
        (-timedelta(hours=3), "in 3 h"),
    ],
)
def test_ago(passed: timedelta, words: str) -> None:
    with clock.frozen(WINTER + passed):
        markup = show.ago(WINTER)
    assert f">{words}<" in markup
    assert 'title="Mar 3, 2026, 14:02:11 EST"' in markup


def test_zone_in_words() -> None:
    with clock.frozen(WINTER):
        assert show.zone() == "New York time (EST)"


def test_digest_is_shortened_and_copied_whole() -> None:
    whole = "sha256:" + "0123456789abcdef" * 4
    markup = rendered("{% digest whole %}", whole=whole)
    assert ">0123456789…abcdef</code>" in markup
    assert f'data-copy="{whole}"' in markup


def test_digest_of_nothing_is_a_dash() -> None:
    assert rendered("{% digest none %}", none=None) == "–"


def test_badge_has_a_word_and_a_shape_of_its_own() -> None:
    tones = ("done", "active", "waiting", "attention", "stopped", "quiet")
    shapes = set()
    for tone in tones:
        markup = show.badge("Sealed <b>", tone)
        assert "Sealed &lt;b&gt;</span>" in markup
        shapes.add(re.findall(r' d="([^"]+)"', markup)[0])
    assert len(shapes) == len(tones)


def test_column_sorts_and_then_reverses_and_forgets_the_place_in_the_list() -> None:
    once = rendered('{% column "Recorded" "started" %}', "unit=p1&after=k", sort="-state")
    assert 'href="?unit=p1&amp;sort=started"' in once
    assert "aria-sort" not in once
    again = rendered('{% column "Recorded" "started" %}', "unit=p1", sort="started")
    assert 'aria-sort="ascending"' in again
    assert "sort=-started" in again


def test_column_without_key_is_plain_text() -> None:
    assert rendered('{% column "Length" numeric=True %}', "") == '<th scope="col" class="number">Length</th>'


def test_pager_keeps_filters_and_order() -> None:
    markup = rendered(
        '{% pager before="b=1" after="" words="50 shown" %}', "unit=p1&sort=-started&before=x&after=y"
    )
    assert re.findall('href="([^"]+)"', markup) == ["?unit=p1&amp;sort=-started&amp;before=b%3D1"]
    assert "50 shown" in markup


def test_pager_without_pages_is_nothing() -> None:
    assert rendered("{% pager %}", "") == ""


class _Form(forms.Form):
    title = forms.CharField(help_text="As on the label.")
    kind = forms.ChoiceField(choices=[("a", "Arrest"), ("b", "Talk")], widget=forms.RadioSelect)
    sure = forms.BooleanField()
    secret = forms.CharField(widget=forms.HiddenInput, initial="s", required=False)


def test_field_ties_label_hint_and_error_to_the_input() -> None:
    form = _Form({"kind": "b"})
    form.is_valid()
    markup = rendered("{% field form.title %}", form=form)
    assert '<label class="usa-label usa-label--error" for="id_title">' in markup
    described = re.findall('aria-describedby="([^"]+)"', markup)[0].split()
    assert all(f'id="{each}"' in markup for each in described)
    assert len(described) == 2


def test_field_of_choices_is_a_group_with_a_legend() -> None:
    markup = rendered("{% field form.kind %}", form=_Form({"kind": "b"}))
    assert "<legend" in markup
    assert markup.count('class="usa-radio__input"') == 2
    assert re.search(r'value="b"[^>]* checked', markup)


def test_hidden_field_is_bare() -> None:
    assert rendered("{% field form.secret %}", form=_Form()).startswith("<input")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_style_or_script(template: Path) -> None:
    """The content security policy forbids both inside a page; a browser would drop them without a word to people."""
    text = template.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.urls("tests.site.gallery")
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500", "error"])
def test_error_pages_need_no_context(name: str) -> None:
    """Django renders the page of a failed request without any context."""
    markup = engines["django"].get_template(f"{name}.html").render()
    assert "<h1>" in markup
    assert "</html>" in markup


def test_refusals_have_a_heading_each() -> None:
    assert show.refused("gone") == "This has ended"
    assert show.refused("") == show.refused(None) == show.refused("never heard of") == "This did not work"


@pytest.mark.parametrize("path", ["clip.mp4", "/a/b/clip.mp4", "C:\\export\\clip.mp4"])
def test_a_file_s_name_is_the_end_of_its_path(path: str) -> None:
    assert show.filename(path) == "clip.mp4"
