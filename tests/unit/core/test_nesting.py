from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.rules.nesting import DEEPEST_DOCUMENT, nested_deeper, read_json

documents = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\ab'),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('[{"\\'), inner, max_size=3)
    ),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth_of, inside), default=0)
    return 0


@given(document=documents, ascii=st.booleans())
def test_the_depth_of_the_text_is_the_depth_of_what_it_says(document: Any, ascii: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii).encode()
    depth = depth_of(document)
    assert not nested_deeper(text, depth)
    assert depth == 0 or nested_deeper(text, depth - 1)


def test_brackets_inside_of_texts_nest_nothing() -> None:
    assert not nested_deeper(json.dumps(["[{" * DEEPEST_DOCUMENT, '\\"[']).encode(), 1)
    # Nor do those in texts take back what nests.
    assert nested_deeper(b'["]",' * 600 + b"1" + b"]" * 600)


@pytest.mark.parametrize("levels", [DEEPEST_DOCUMENT + 1, 1_500, 12_000, 500_000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}"), ("[", "")])
def test_what_is_too_deep_is_a_value_error_under_every_python(
    levels: int, opened: str, closed: str
) -> None:
    text = opened * levels + "1" + closed * levels
    for given_as in (text, text.encode()):
        with pytest.raises(ValueError, match="nested deeper than 512"):
            read_json(given_as)


def test_what_is_as_deep_as_may_be_is_read() -> None:
    value = read_json(b"[" * DEEPEST_DOCUMENT + b"]" * DEEPEST_DOCUMENT)
    for _ in range(DEEPEST_DOCUMENT - 1):
        (value,) = value
    assert value == []
