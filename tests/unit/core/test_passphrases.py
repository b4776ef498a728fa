from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import Refused
from neuroplay.core.rules.passphrases import (
    COMMON,
    LONGEST,
    SHORTEST,
    checked_passphrase,
    plain_passphrase,
)


@pytest.mark.parametrize(
    "typed",
    [
        "three blind mice",
        "ñandú azul 7",
        "correct-horse",
        "0123456798",
        "Rita e o violão",
        "はなびのよるはながい",
    ],
)
def test_words_of_any_kind_are_a_passphrase(typed):
    assert checked_passphrase(typed, name="Rita") == unicodedata.normalize("NFC", typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nine char",
        "x" * (LONGEST + 1),
        "aaaaaaaaaaaa",
        "abababababab",
        "1234567890",
        "9876543210",
        "0123456789",
        "Senha12345",
        "PASS WORD 123",
        "contraseña123",
        "ritamachado",
        "Rita Machado 2026",
        "rítamachadoritamachado",
        "three\x00blind mice",
        "three\nblind mice",
        "three \ud800 mice",
    ],
)
def test_what_is_tried_first_is_none(typed):
    with pytest.raises(Refused) as refused:
        checked_passphrase(typed, name="Rita Machado")
    assert refused.value.code == "weak_passphrase"
    assert typed not in refused.value.message or not typed


def test_every_common_one_has_a_length_that_would_be_accepted():
    assert [one for one in COMMON if not SHORTEST <= len(one) <= LONGEST] == []
    assert len(set(COMMON)) == len(COMMON)


@given(st.text(min_size=SHORTEST, max_size=LONGEST))
def test_however_a_keyboard_writes_it_it_is_the_same(typed):
    composed = plain_passphrase(unicodedata.normalize("NFC", typed))
    assert plain_passphrase(unicodedata.normalize("NFD", typed)) == composed
    assert plain_passphrase(typed.replace(" ", "\u00a0")) == plain_passphrase(typed)
