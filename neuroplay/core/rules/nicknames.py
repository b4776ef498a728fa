"""Generate nicknames from a friendly word and an animal, which is also the avatar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random, SystemRandom

from neuroplay.core.entities.language import LANGUAGES, Animal, Language

AVATARS = ("fox", "owl", "turtle", "cat", "rabbit", "bear")
COLOURS = 8

_NAMED = {avatar: avatar for avatar in AVATARS} | {
    animal.noun.casefold(): avatar
    for language in LANGUAGES.values()
    for avatar, animal in language.animals.items()
}


def avatar_named(word: str) -> str | None:
    """The avatar for its id or its animal's name in any language; None if there is none."""
    return _NAMED.get(word.casefold())


def colour_of(student_id: int) -> int:
    """The colour of a student's avatar, by its place in core/avatars.json.

    Avatars are given in turn, so 48 students in a row differ in animal or colour.
    """
    return student_id // len(AVATARS) % COLOURS


def nicknames(
    language: str, *, taken: Iterable[str] = (), random: Random | None = None
) -> Iterator[tuple[str, str]]:
    """Yield (nickname, avatar) pairs without end, with the avatars in turn.

    No nickname is in `taken`, and none appears twice. When all combinations are used, they are
    repeated with a number.
    """
    chance = SystemRandom() if random is None else random
    used = {name.casefold() for name in taken}
    spoken = LANGUAGES[language]
    words = list(spoken.friendly_words)
    chance.shuffle(words)
    number = 1
    while True:
        for turn in range(len(words)):
            for place, avatar in enumerate(AVATARS):
                # Each animal gets another word, so that neighbours on a list differ in both.
                word = words[(turn + place * 5) % len(words)]
                name = _joined(spoken, spoken.animals[avatar], word)
                name = name if number == 1 else f"{name} {number}"
                if name.casefold() not in used:
                    used.add(name.casefold())
                    yield name, avatar
        number += 1


def _joined(language: Language, animal: Animal, word: str) -> str:
    stem, _, endings = word.partition("|")
    masculine, _, feminine = endings.partition("/")
    word = stem + (feminine if animal.gender == "f" else masculine)
    return f"{word} {animal.noun}" if language.word_comes_first else f"{animal.noun} {word}"
