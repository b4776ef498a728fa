"""Days and times as a language writes them, where a child or a class is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from neuroplay.core.entities.language import ClassReportWords

SHORT = 3
"""Letters of a short month."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dates:
    """Writes dates in a language, and moments by the clock of a time zone."""

    words: ClassReportWords
    utc_offset_minutes: int

    def day(self, day: date) -> str:
        return self._filled(self.words.date, day)

    def short_day(self, day: date) -> str:
        return self._filled(self.words.short_date, day)

    def moment(self, at: datetime) -> str:
        """Day and time; `at` is in UTC."""
        return self._with_time(self.words.date, at)

    def short_moment(self, at: datetime) -> str:
        """The same without the year."""
        return self._with_time(self.words.short_date, at)

    def _with_time(self, form: str, at: datetime) -> str:
        there = at + timedelta(minutes=self.utc_offset_minutes)
        date = self._filled(form, there)
        return self.words.moment.format(date=date, time=there.strftime("%H:%M"))

    @property
    def zone(self) -> str:
        """The time zone, as `UTC`, `UTC−3` or `UTC+5:30`."""
        if not self.utc_offset_minutes:
            return "UTC"
        hours, minutes = divmod(abs(self.utc_offset_minutes), 60)
        sign = "−" if self.utc_offset_minutes < 0 else "+"
        return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")

    def _filled(self, form: str, day: date) -> str:
        month = self.words.months[day.month - 1]
        return form.format(
            day=day.day, month=month, short=month[:SHORT], number=day.month, year=day.year
        )
