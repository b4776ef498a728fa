from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.rules.codes import ALPHABET, normalise_code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("A1B2C", "A1B2C"),
        ("a1b2c", "A1B2C"),
        (" a1-b2 c ", "A1B2C"),
        ("AIB2C", "A1B2C"),
        ("AlB2C", "A1B2C"),
        ("OoOoO", "00000"),
        ("A1B\u20112C", "A1B2C"),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, meant: str) -> None:
    assert normalise_code(typed, 5) == meant


@pytest.mark.parametrize("typed", ["", "A1B2", "A1B2C3", "A1B2U", "A1B2É", "A1B2\x00", "x" * 999])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normalise_code(typed, 5) is None


@given(st.text(alphabet=ALPHABET, min_size=10, max_size=10))
def test_every_code_survives_small_letters_and_groups_of_five(code: str) -> None:
    assert normalise_code(f"{code[:5]}-{code[5:]}".lower(), 10) == code


@given(st.text(max_size=20))
def test_whatever_is_typed_gives_a_code_or_none(typed: str) -> None:
    code = normalise_code(typed, 5)
    assert code is None or (len(code) == 5 and set(code) <= set(ALPHABET))
