"""RFC 8785 JSON: the same bytes as the package `rfc8785`, and every refusal by name."""

import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.canonical import LARGEST_INTEGER, Uncanonical, canonical, commitment, leaf, nfc
from tests.vectors.known import known

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
normal_texts = texts.map(lambda text: unicodedata.normalize("NFC", text))
integers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
values = st.recursive(
    st.none() | st.booleans() | integers | normal_texts,
    lambda inner: st.lists(inner) | st.dictionaries(normal_texts, inner),
    max_leaves=20,
)


@pytest.mark.parametrize("case", known("canonical"))
def test_it_works(case: dict[str, Any]) -> None:
    assert canonical(case["value"]).hex() == case["hex"]


@given(values)
def test_it_writes_what_the_package_writes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.sampled_from("aé\uff01\U0001f693\U00010000\ue000"), integers))
def test_it_sorts_keys_by_utf16_units(value: dict[str, int]) -> None:
    assert canonical({"outer": [value]}) == rfc8785.dumps({"outer": [value]})


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.0, "a float has no canonical form"),
        (float("nan"), "a float has no canonical form"),
        ({"facts": {"speed": [1, 2.5]}}, "facts: speed: 1: a float has no canonical form"),
        (b"bytes", "a bytes has no canonical form"),
        ({1: 2}, "a key of type int"),
        ({None: 2}, "a key of type NoneType"),
        (2**53, "an integer beyond"),
        (-(2**53), "an integer beyond"),
        ("a\0", "a NUL"),
        ({"a\0": 1}, "a NUL"),
        ("\ud83d", "a lone surrogate"),
        ({"\ud83d": 1}, "a lone surrogate"),
        ("e\u0301", "not in Unicode form NFC"),
        ({"e\u0301": 1}, "not in Unicode form NFC"),
        (deep(65), "nested deeper than 64"),
        ({"x": {1, 2}}, "x: a set has no canonical form"),
    ],
)
def test_it_refuses(value: Any, says: str) -> None:
    with pytest.raises(Uncanonical, match=says):
        canonical(value)


def test_it_refuses_what_holds_itself() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(Uncanonical, match="nested deeper"):
        canonical(value)


def test_it_takes_the_deepest_that_it_says() -> None:
    assert canonical(deep(64)) == b"[" * 64 + b"]" * 64


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(Uncanonical) as refused:
        canonical({"note": "secret e\u0301"})
    assert "secret" not in str(refused.value)


@given(st.recursive(st.none() | integers | texts, lambda inner: st.lists(inner) | st.tuples(inner)))
def test_nfc_makes_text_canonical(value: Any) -> None:
    assert canonical(nfc(value)) == canonical(nfc(nfc(value)))


def test_nfc_normalises_keys_and_refuses_two_that_become_one() -> None:
    assert nfc({"e\u0301": "e\u0301"}) == {"é": "é"}
    with pytest.raises(Uncanonical, match="two keys are the same"):
        nfc({"e\u0301": 1, "é": 2})


def test_the_leaf_of_a_known_entry() -> None:
    case = known("receipt")
    receipt = case["receipt"]
    committed = commitment(bytes.fromhex(receipt["salt"]), receipt["entry"])
    assert committed == case["commitment"]
    assert leaf(committed).decode() == case["leaf"]


def test_the_leaf_with_public_facts_is_canonical() -> None:
    assert leaf("a" * 64, {"b": 1, "a": 2}) == b'{"c":"%b","public":{"a":2,"b":1},"v":1}' % (b"a" * 64)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"short", {})


@pytest.mark.parametrize("committed", ["", "a" * 63, "g" * 64, '"' * 64, "a" * 66])
def test_a_leaf_of_something_else_is_refused(committed: str) -> None:
    with pytest.raises(ValueError, match=r"SHA-256|hex"):
        leaf(committed)
