"""A child's card: nickname, avatar, two codes, and a QR code that opens the PWA and signs in. A
card is a credential, so it shows nothing that signing in does not need."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from neuroplay.core.rules.nicknames import colour_of
from neuroplay.core.use_cases.cards import card_link

if TYPE_CHECKING:
    from neuroplay.core.use_cases.cards import CreatedClass


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One child's card; codes are Crockford base32 without separators."""

    student_id: int
    nickname: str
    avatar: str
    class_code: str
    card_code: str

    @property
    def colour(self) -> int:
        return colour_of(self.student_id)

    def link(self, public_url: str) -> str:
        """The content of the QR code."""
        return card_link(public_url, self.class_code, self.card_code)


def cards_of(made: CreatedClass) -> list[Card]:
    """The cards of all students of a class."""
    return [
        Card(
            student_id=one.student.student_id,
            nickname=one.student.nickname,
            avatar=one.student.avatar,
            class_code=made.school_class.code,
            card_code=one.card_code,
        )
        for one in made.students
    ]


def fives(code: str) -> str:
    """A code in groups of five characters."""
    return " ".join(code[start : start + 5] for start in range(0, len(code), 5))


def qr_path(content: str) -> tuple[str, int]:
    """(SVG path, width in modules) of a QR code without a quiet zone, one unit per module. Error
    correction M, which tolerates about 15 % of damage."""
    import segno

    code = segno.make_qr(content, error="m")
    strokes: list[str] = []
    for y, row in enumerate(code.matrix):
        x = 0
        for is_dark, bits in groupby(row):
            run = len(list(bits))
            if is_dark:
                strokes.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run
    return "".join(strokes), len(code.matrix)
