from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.storable import (
    DEEPEST,
    LARGEST_BYTES,
    check_storable,
    exact_numbers,
    sorted_json,
    storable,
)
from tests.unit.core.samples import record


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"score": math.nan}, "not_finite", "score"),
        ({"metadata": {"trace": [1, math.inf]}}, "not_finite", "metadata.trace"),
        ({"note": "\x00"}, "bad_text", "note"),
        ({"metadata": {"who": "a\ud800"}}, "bad_text", "metadata.who"),
        ({"metadata": {"\udfff": 1}}, "bad_text", "metadata"),
        ({"metadata": nested(DEEPEST)}, "too_deep", "metadata"),
        ({"extra": nested(600)}, "too_deep", "extra"),
        ({"metadata": {"trace": "x" * LARGEST_BYTES}}, "too_large", "metadata"),
        ({"game_version": "é" * (LARGEST_BYTES // 2)}, "too_large", "game_version"),
    ],
)
def test_what_the_store_cannot_hold_is_named(
    changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(InvalidSession) as found:
        check_storable(record(**changes))
    assert (found.value.code, found.value.field) == (code, field)


@pytest.mark.parametrize("value", [None, 1, "text", [], [{}], True, math.nan])
def test_what_is_no_object_is_refused_and_kept_under_raw(value: Any) -> None:
    with pytest.raises(InvalidSession) as found:
        check_storable(value)
    assert (found.value.code, found.value.field) == ("not_an_object", "session")
    assert list(storable(value)) == ["raw"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"unknown": {"anything": [1, 2]}},
        {"metadata": nested(DEEPEST - 1)},
        {"metadata": {"trace": [[n, 1] for n in range(3000)]}},
        {"metadata": {"emoji": "🦎 \\u0000 \\ud800"}},
        {"seed": 2**63},
        {"metadata": {"text": "é" * (LARGEST_BYTES // 2 - 300)}},
    ],
)
def test_what_the_store_can_hold_passes_as_it_is(changes: dict[str, Any]) -> None:
    sent = record(**changes)
    assert json.loads(check_storable(sent)) == sent


def test_the_kept_copy_still_shows_what_was_sent() -> None:
    kept = storable(
        {
            "a": math.nan,
            "b": -math.inf,
            "c": "x\x00y",
            "d": "\ud83d",
            "e\x00": 1,
            "f": 10**500,
        }
    )
    assert kept["a"] == "NaN"
    assert kept["b"] == "-Infinity"
    assert kept["c"] == "x\\u0000y"
    assert kept["d"] == "\\ud83d"
    assert kept["e\\u0000"] == 1
    assert kept["f"] == hex(10**500)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner)
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_anything_is_storable_or_refused_and_its_copy_can_always_be_stored(value: Any) -> None:
    kept = storable(value)
    with suppress(InvalidSession):
        written = check_storable(value)
        assert written == sorted_json(value)
        kept = json.loads(written)
        assert kept == value
    text = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert "\x00" not in text
    assert "\\u0000" not in text.replace("\\\\u0000", "")
    text.encode("utf-8")


def test_whole_numbers_that_json_readers_disagree_on_are_text_for_the_hash() -> None:
    assert exact_numbers({"a": [2**53, 5, True]}) == {"a": [hex(2**53), 5, True]}
