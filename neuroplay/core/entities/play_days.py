"""The days on which a student played."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Set
from datetime import date

CELL = len("2026-11-25,")


class PlayDays(Set[date]):
    """A set of days, which never changes.

    It is kept as one text, `2026-11-24,2026-11-25`, as it is stored. After five years a student has
    1,800 days, of which an answer needs the last few: the others are never made a date.
    """

    __slots__ = ("_text",)

    def __init__(self, days: Iterable[date] = ()) -> None:
        self._text = ",".join(sorted({day.isoformat() for day in days}))

    @classmethod
    def read(cls, text: str) -> PlayDays:
        """The days of which `str` made this text."""
        found = cls()
        found._text = text
        return found

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"PlayDays.read({self._text!r})"

    def __len__(self) -> int:
        return (len(self._text) + 1) // CELL

    def __iter__(self) -> Iterator[date]:
        return map(self._day, range(len(self)))

    def __contains__(self, day: object) -> bool:
        # Ten characters without a comma are one day: they cannot begin in one and end in another.
        return isinstance(day, date) and day.isoformat() in self._text

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, PlayDays) else super().__eq__(other)

    def __hash__(self) -> int:
        return self._hash()

    def with_day(self, day: date) -> PlayDays:
        """These days and `day`."""
        place = self._place(day)
        if place < len(self) and self._day(place) == day:
            return self
        at = place * CELL
        before, after = self._text[: max(at - 1, 0)], self._text[at:]
        return self.read(",".join(part for part in (before, day.isoformat(), after) if part))

    def last(self, until: date) -> date | None:
        """The last day that is not after `until`."""
        place = bisect_right(range(len(self)), until, key=self._day)
        return self._day(place - 1) if place else None

    def run_through(self, day: date) -> tuple[date, date] | None:
        """The first and the last day of the run of consecutive days that contains `day`; None if it
        is not one of the days."""
        if day not in self:
            return None
        own = self._place(day)

        def belongs(place: int) -> bool:
            return (self._day(place) - day).days == place - own

        first = bisect_left(range(own), True, key=belongs)
        after = bisect_left(range(own, len(self)), True, key=lambda place: not belongs(place))
        return self._day(first), self._day(own + after - 1)

    def _place(self, day: date) -> int:
        """The place of the first day that is not before `day`."""
        return bisect_left(range(len(self)), day, key=self._day)

    def _day(self, place: int) -> date:
        return date.fromisoformat(self._text[place * CELL : place * CELL + CELL - 1])
