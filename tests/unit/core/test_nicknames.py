from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.rules.nickname_text import nickname_fault
from neuroplay.core.rules.nicknames import AVATARS, nicknames


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_nickname_comes_twice_even_in_the_largest_class(language: str) -> None:
    made = list(islice(nicknames(language), 500))
    assert len({name.casefold() for name, _ in made}) == 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_made_up_nickname_is_one_that_a_roster_may_hold(language: str) -> None:
    for name, avatar in islice(nicknames(language), 500):
        assert nickname_fault(name) is None
        assert avatar in AVATARS


def test_names_that_are_taken_are_passed_over_whatever_their_case() -> None:
    first = next(nicknames("en", random=Random(1)))[0]
    assert next(nicknames("en", taken=[first.upper()], random=Random(1)))[0] != first


def test_the_word_agrees_with_the_animal() -> None:
    names = {name for name, _ in islice(nicknames("pt-BR"), 192)}
    assert {"Raposa Calma", "Gato Calmo", "Coruja Brincalhona", "Urso Brincalhão"} <= names
    names = {name for name, _ in islice(nicknames("es"), 192)}
    assert {"Zorro Soñador", "Tortuga Juguetona", "Búho Juguetón"} <= names


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_32_words_in_every_language(language: str) -> None:
    assert len(set(LANGUAGES[language].friendly_words)) == 32


TALENTS = {
    "pt-BR": "brilhante capaz criativ espert forte genial inteligente ligeir rápid sábi veloz",
    "en": "able bright clever fast genius gifted nimble quick skilled smart strong swift wise",
    "es": "brillante capaz creativ fuerte genial inteligente liger list rápid sabi veloz",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_nickname_says_what_a_child_is_good_at(language: str) -> None:
    stems = {word.partition("|")[0].casefold() for word in LANGUAGES[language].friendly_words}
    assert stems.isdisjoint(TALENTS[language].split())


def test_the_animals_take_turns_as_avatars() -> None:
    assert [avatar for _, avatar in islice(nicknames("en"), 6)] == list(AVATARS)
