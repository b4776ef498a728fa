"""The payload hash: the same by each way of computing it."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.storable import check_storable, sorted_json
from neuroplay.infra.payloads import canonical, hash_payload, write_json

LARGEST = 2**53 - 1

floats = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.one_of(
    st.integers(-LARGEST, LARGEST),
    st.integers(10**14, LARGEST),
    floats,
    floats.map(lambda x: float(round(x)) if abs(x) < 1e300 else x),
    st.sampled_from([0.0, -0.0, 1e-4, 9e-5, 1e-6, 1e-7, 1e15, 1e16, 1e20, 1e21, 1e22, 5e-324]),
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(max_codepoint=0x7F)),
    st.sampled_from(['1.0,"', ":1e-05", "[1234567890123456", "\x7f", "\U0001f600", "\ue000"]),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
    max_leaves=20,
)
records = st.dictionaries(texts, json_values)

any_text = st.text(st.characters(exclude_categories=()))
received = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(2**62) | st.floats() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=20,
)
"""What the standard library's parser can make of a body."""


@pytest.mark.slow
@given(record=records)
@example(record={"\U0001f600": 1, "\ue000": 2})
@example(record={"a": [1e-05, 1.5e-07, 1.0, 123456789012345.6, 1e16, 9007199254740991]})
def test_it_is_the_canonical_json_of_the_reference_library(record) -> None:
    assert canonical(record) == rfc8785.dumps(record)
    assert hash_payload(record) == hashlib.sha256(rfc8785.dumps(record)).digest()
    assert hash_payload(record, write_json(record)) == hash_payload(record)


@given(value=floats)
def test_every_number_is_written_as_the_reference_library_does(value: float) -> None:
    records: list[Any] = [{"n": value}, {"n": [value, -value]}, {"n": [0, value], "z": "1"}]
    for record in records:
        assert canonical(record) == rfc8785.dumps(record)


@pytest.mark.slow
@given(record=records)
def test_it_outlives_a_way_over_the_wire(record) -> None:
    assert hash_payload(json.loads(json.dumps(record))) == hash_payload(record)


def test_order_and_spelling_make_no_difference() -> None:
    one = {"duration": 120, "score": 500, "metadata": {"a": 1, "b": 2}}
    same = {"metadata": {"b": 2.0, "a": 1}, "score": 5e2, "duration": 120.0}
    assert hash_payload(one) == hash_payload(same)


@pytest.mark.parametrize("change", [{"score": 501}, {"score": "500"}, {"score": True}, {"x": None}])
def test_another_record_has_another_hash(change) -> None:
    assert hash_payload({"score": 500}) != hash_payload({"score": 500} | change)


@pytest.mark.parametrize("number", [2**53, 2**63, -(2**70), 10**300])
def test_a_huge_whole_number_is_told_from_its_neighbour(number: int) -> None:
    assert len(hash_payload({"seed": number})) == 32
    assert hash_payload({"seed": number}) != hash_payload({"seed": number + 1})
    assert hash_payload({"a": [number], "b": 0.5}) == hash_payload({"b": 0.5, "a": [number]})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "\ud800"])
def test_what_is_no_json_is_refused(value) -> None:
    with pytest.raises(ValueError, match=r"."):
        hash_payload({"x": value})


def in_order(value: Any) -> Any:
    """Objects as lists of pairs, so that their order counts."""
    if isinstance(value, dict):
        return [(name, in_order(inner)) for name, inner in value.items()]
    return [in_order(inner) for inner in value] if isinstance(value, list) else value


@given(value=received)
@example(value={"b": [math.nan], "a": "null"})
@example(value={"b": "\x00\x1f\x7f\u2028", "a": [2**64, -(2**63) - 1, 1e16, 5e-324, -0.0]})
def test_json_is_what_the_standard_library_writes_but_for_the_spelling_of_numbers(value) -> None:
    try:
        expected = sorted_json(value)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            write_json(value)
    else:
        written = write_json(value)
        assert in_order(json.loads(written)) == in_order(json.loads(expected))


def judged(record: object, **options: Any) -> object:
    try:
        return json.loads(check_storable(record, **options))
    except InvalidSession as error:
        return error.code, error.field


@given(record=received | st.dictionaries(any_text, received))
@example(record={"a": 1.7e308})
@example(record={"a": 2**64 + 1})
@example(record={"a\x00": 1})
@example(record={"a": math.inf, "b": "\ud800"})
def test_it_makes_no_difference_to_what_can_be_stored(record) -> None:
    assert judged(record, write_json=write_json) == judged(record)
