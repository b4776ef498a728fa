"""Kind made-up nicknames: an animal, which is the avatar too, and a friendly word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random, SystemRandom

AVATARS = ("fox", "owl", "turtle", "cat", "rabbit", "bear")

_ANIMALS: dict[str, dict[str, tuple[str, str]]] = {
    # avatar -> (noun, grammatical gender)
    "pt-BR": {
        "fox": ("Raposa", "f"),
        "owl": ("Coruja", "f"),
        "turtle": ("Tartaruga", "f"),
        "cat": ("Gato", "m"),
        "rabbit": ("Coelho", "m"),
        "bear": ("Urso", "m"),
    },
    "en": {
        "fox": ("Fox", ""),
        "owl": ("Owl", ""),
        "turtle": ("Turtle", ""),
        "cat": ("Cat", ""),
        "rabbit": ("Rabbit", ""),
        "bear": ("Bear", ""),
    },
    "es": {
        "fox": ("Zorro", "m"),
        "owl": ("Búho", "m"),
        "turtle": ("Tortuga", "f"),
        "cat": ("Gato", "m"),
        "rabbit": ("Conejo", "m"),
        "bear": ("Oso", "m"),
    },
}

_NAMED = {avatar: avatar for avatar in AVATARS} | {
    noun.casefold(): avatar
    for animals in _ANIMALS.values()
    for avatar, (noun, _) in animals.items()
}

_WORDS: dict[str, tuple[str, ...]] = {
    # After the bar: the masculine and the feminine ending; a word without a bar has one form.
    "pt-BR": (
        "Alegre",
        "Amável",
        "Brilhante",
        "Calm|o/a",
        "Contente",
        "Corajos|o/a",
        "Criativ|o/a",
        "Curios|o/a",
        "Dourad|o/a",
        "Elegante",
        "Espert|o/a",
        "Estrelad|o/a",
        "Feliz",
        "Forte",
        "Generos|o/a",
        "Gentil",
        "Inteligente",
        "Leal",
        "Ligeir|o/a",
        "Lunar",
        "Musical",
        "Paciente",
        "Pratead|o/a",
        "Radiante",
        "Risonh|o/a",
        "Sábi|o/a",
        "Seren|o/a",
        "Solar",
        "Sonhador|/a",
        "Tranquil|o/a",
        "Valente",
        "Veloz",
    ),
    "en": (
        "Brave",
        "Bright",
        "Calm",
        "Cheerful",
        "Clever",
        "Cosy",
        "Curious",
        "Daring",
        "Dreamy",
        "Eager",
        "Friendly",
        "Gentle",
        "Golden",
        "Happy",
        "Jolly",
        "Kind",
        "Lively",
        "Lucky",
        "Lunar",
        "Merry",
        "Musical",
        "Nimble",
        "Patient",
        "Proud",
        "Quick",
        "Silver",
        "Sparkly",
        "Starry",
        "Sunny",
        "Swift",
        "Warm",
        "Wise",
    ),
    "es": (
        "Alegre",
        "Amable",
        "Brillante",
        "Calmad|o/a",
        "Content|o/a",
        "Creativ|o/a",
        "Curios|o/a",
        "Divertid|o/a",
        "Dorad|o/a",
        "Elegante",
        "Estelar",
        "Feliz",
        "Fuerte",
        "Generos|o/a",
        "Gentil",
        "Inteligente",
        "Leal",
        "Liger|o/a",
        "List|o/a",
        "Lunar",
        "Musical",
        "Paciente",
        "Platead|o/a",
        "Radiante",
        "Risueñ|o/a",
        "Sabi|o/a",
        "Seren|o/a",
        "Solar",
        "Soñador|/a",
        "Tranquil|o/a",
        "Valiente",
        "Veloz",
    ),
}


def avatar_named(word: str) -> str | None:
    """The avatar that a word of any language names."""
    return _NAMED.get(word.casefold())


def nicknames(
    language: str, *, taken: Iterable[str] = (), random: Random | None = None
) -> Iterator[tuple[str, str]]:
    """Endless (nickname, avatar) pairs, none twice and none in `taken`; the animals take turns.

    When all pairs of words are used up, they come again with a number behind.
    """
    chance = SystemRandom() if random is None else random
    used = {name.casefold() for name in taken}
    animals, words = _ANIMALS[language], list(_WORDS[language])
    chance.shuffle(words)
    number = 1
    while True:
        for turn in range(len(words)):
            for place, avatar in enumerate(AVATARS):
                # Each animal is at another word, so that neighbours on a list differ in both.
                word = words[(turn + place * 5) % len(words)]
                name = _joined(language, animals[avatar], word)
                name = name if number == 1 else f"{name} {number}"
                if name.casefold() not in used:
                    used.add(name.casefold())
                    yield name, avatar
        number += 1


def _joined(language: str, animal: tuple[str, str], word: str) -> str:
    noun, gender = animal
    if language == "en":
        return f"{word} {noun}"
    stem, _, endings = word.partition("|")
    masculine, _, feminine = endings.partition("/")
    return f"{noun} {stem}{feminine if gender == 'f' else masculine}"
