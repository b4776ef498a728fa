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

from neuroplay.core.rules.storable import sorted_json
from neuroplay.infra.payloads import canonical, hash_payload

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


@pytest.mark.slow
@given(record=records)
@example(record={"\U0001f600": 1, "\ue000": 2})
@example(record={"a": [1e-05, 1.5e-07, 1.0, 123456789012345.6, 1e16, 9007199254740991]})
def test_it_is_the_canonical_json_of_the_reference_library(record) -> None:
    assert canonical(record) == rfc8785.dumps(record)
    assert hash_payload(record) == hashlib.sha256(rfc8785.dumps(record)).digest()
    assert hash_payload(record, sorted_json(record)) == hash_payload(record)


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
