"""JSON is read and written as the standard library does it, whichever library does."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from neuroplay.api.contract.wire import parse_object, reply
from neuroplay.api.request.errors import RequestError

any_text = st.text(st.characters(exclude_categories=()))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(2**60) | st.floats() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=20,
)
numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)


def same(one: Any, other: Any) -> bool:
    """Whether both are equal, with the same types and order; NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or repr(one) == repr(other)
    return bool(one == other)


@given(value=values, in_ascii=st.booleans())
@example(value=[math.nan, -math.inf, "\ud800", 2**64, -(2**63) - 1], in_ascii=True)
def test_every_value_is_read_as_the_standard_library_reads_it(value: Any, in_ascii: bool) -> None:
    text = json.dumps({"a": value}, ensure_ascii=in_ascii)
    body = text.encode("utf-8", "surrogatepass")
    try:
        expected = json.loads(body.decode())
    except UnicodeDecodeError:
        with pytest.raises(RequestError, match="not UTF-8"):
            parse_object(body)
    else:
        assert same(parse_object(body), expected)


@given(number=numbers)
@example(number="-0")
@example(number="-0.0")
@example(number="1e400")
@example(number="18446744073709551616")
@example(number="0.1000000000000000055511151231257827")
def test_every_number_is_read_as_the_standard_library_reads_it(number: str) -> None:
    assert same(parse_object(f'{{"a":{number}}}'.encode()), json.loads(f'{{"a":{number}}}'))


@given(body=st.binary() | st.text('{}[]",:0123456789.eE+-truefalsn\\u \n\t').map(str.encode))
@example(body=b'{"a": 1, "a": 2}')
@example(body=b'\xef\xbb\xbf{"a": 1}')
@example(body=b'{"a": 01}')
@example(body=b'{"a": "\t"}')
@example(body=b'{"a": "\xed\xa0\x80"}')
@example(body=b'{"a": NaN, "b": -Infinity}')
def test_any_bytes_are_read_or_refused_as_the_standard_library_does(body: bytes) -> None:
    try:
        expected = json.loads(body.decode())
    except ValueError:
        expected = None
    if isinstance(expected, dict):
        assert same(parse_object(body), expected)
    else:
        with pytest.raises(RequestError):
            parse_object(body)


@given(document=values)
@example(document=["\ud800", 2**64])
def test_every_document_is_read_as_it_was_written(document: Any) -> None:
    assume("NaN" not in json.dumps(document) and "Infinity" not in json.dumps(document))
    body, _, _ = reply({"a": document})
    assert same(json.loads(body.decode()), {"a": document})
