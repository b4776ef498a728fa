"""A child in the report of a class: words, plots, and the table behind each plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from cli.paper.avatars import avatar_svg
from cli.paper.dates import Dates
from cli.paper.plots import Frame, bar_plot, line_plot, step, ticks
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.rules.nicknames import colour_of
from neuroplay.core.use_cases.report_class import ReportedChild, ReportedGame

AIM = 80
"""The per cent of right answers at which games aim."""

LEVELS_SHOWN = 5
"""At least, above the lowest, so that a level more or less looks like little; not all twenty, where
nothing would be seen."""

WIDE, NARROW = 700, 345
"""Of plots, in units of which a printed line has 700."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """Plots, as captions with their SVG, and the table behind them."""

    plots: Sequence[tuple[str, str]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownGame:
    name: str
    about: Sequence[str]
    shown: Shown


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownChild:
    """`facts` are labels with values. `fresh` says how fresh the plots are. `minutes` is None if
    nothing was played."""

    number: int
    nickname: str
    avatar: str
    facts: Sequence[tuple[str, str]]
    fresh: str
    minutes: Shown | None
    games: Sequence[ShownGame]


class ChildWriter:
    """Writes a child in a language."""

    def __init__(self, dates: Dates, language: str, child: ReportedChild) -> None:
        self._dates = dates
        self._words = dates.words
        self._language = language
        self._child = child
        self._days = [one.day for one in child.days]

    def written(self) -> ShownChild:
        student, figures = self._child.student, self._child.figures
        known = figures.last_heard or figures.last_played
        return ShownChild(
            number=student.student_id,
            nickname=student.nickname,
            avatar=avatar_svg(student.avatar, colour_of(student.student_id)),
            facts=self._facts(),
            fresh=self._words.fresh.format(moment=self._dates.short_moment(known)) if known else "",
            minutes=self._minutes() if self._child.games else None,
            games=[self._game(one) for one in self._child.games],
        )

    def _facts(self) -> list[tuple[str, str]]:
        words, figures, days = self._words, self._child.figures, self._child.days
        heard, last = figures.last_heard, figures.last_played
        played = sum(one.games > 0 for one in days)
        waiting = {
            words.unsent: figures.unsent,
            words.counting: figures.counting,
            words.held: figures.held,
        }
        return [
            (words.heard, self._dates.moment(heard) if heard else words.not_heard),
            (words.last_round, self._dates.moment(last) if last else words.no_round),
            (words.days_played, words.days_value.format(n=played, days=len(days))),
            (words.minutes_all, _minutes(sum(one.seconds for one in days))),
            *((label, str(number)) for label, number in waiting.items() if number),
        ]

    def _minutes(self) -> Shown:
        words = self._words
        played = [one for one in self._child.days if one.games]
        most = max(1, ceil(max(one.seconds for one in played) / 60))
        # A whole number of steps, so that the highest bar has a number above it.
        top = ceil(most / step(most)) * step(most)
        frame = self._frame(
            "minutes",
            words.minutes_plot,
            {one.day: one.seconds for one in played},
            write=_minutes,
            width=WIDE,
            ticks=[(60 * one, str(one)) for one in ticks(0, top)],
        )
        bars = bar_plot(frame, [one.seconds for one in self._child.days])
        return Shown(
            plots=[(words.minutes_plot, bars)],
            head=[words.day, words.minutes, words.rounds],
            rows=[
                [self._dates.day(one.day), _minutes(one.seconds), str(one.games)] for one in played
            ],
        )

    def _game(self, game: ReportedGame) -> ShownGame:
        known, words = GAMES[game.game_type], self._words
        last = self._dates.moment(game.last_played)
        about = [
            words.practises.format(skill=known.skill_names[self._language]),
            words.rounds_played.format(n=game.rounds, moment=last),
        ]
        if game.next_level is not None:
            about.append(words.next_level.format(level=game.next_level))
        return ShownGame(
            name=known.names[self._language],
            about=about,
            shown=Shown(
                plots=[
                    (words.level_plot, self._levels(game)),
                    (words.right_plot, self._right(game)),
                ],
                head=[words.day, words.rounds, words.level, words.right],
                rows=[
                    [
                        self._dates.day(one.day),
                        str(one.rounds),
                        str(one.level),
                        "–" if one.right is None else self._percent(one.right * 100),
                    ]
                    for one in game.days
                ],
            ),
        )

    def _levels(self, game: ReportedGame) -> str:
        levels = {one.day: float(one.level) for one in game.days}
        # Older rules may have had levels that today's do not have.
        lowest = min(GAMES[game.game_type].levels.lowest, *map(int, levels.values()))
        played = max(map(int, levels.values()))
        around = max(lowest + LEVELS_SHOWN, played + 1)
        highest = max(min(GAMES[game.game_type].levels.highest, around), played)
        frame = self._frame(
            f"{game.game_type}-level",
            self._titled(game, self._words.level_plot),
            levels,
            write="{:g}".format,
            width=NARROW,
            ticks=[(one, str(one)) for one in ticks(lowest, highest)],
        )
        return line_plot(frame, [levels.get(day) for day in self._days])

    def _right(self, game: ReportedGame) -> str:
        right = {one.day: one.right * 100 for one in game.days if one.right is not None}
        frame = self._frame(
            f"{game.game_type}-right",
            self._titled(game, self._words.right_plot),
            right,
            write=self._percent,
            width=NARROW,
            ticks=[(one, self._percent(one)) for one in (0, 50, AIM, 100)],
        )
        return line_plot(frame, [right.get(day) for day in self._days], mark=AIM)

    def _titled(self, game: ReportedGame, text: str) -> str:
        return f"{GAMES[game.game_type].names[self._language]}: {text}"

    def _frame(
        self,
        key: str,
        title: str,
        values: Mapping[date, float],
        *,
        write: Callable[[float], str],
        width: int,
        ticks: Sequence[tuple[float, str]],
    ) -> Frame:
        """The axis is from the first tick to the last; `values` are in order of day."""
        about = self._words.plot_about.format(
            first=self._dates.day(self._days[0]),
            last=self._dates.day(self._days[-1]),
            n=len(values),
            lowest=write(min(values.values())) if values else "–",
            highest=write(max(values.values())) if values else "–",
            newest=write([*values.values()][-1]) if values else "–",
        )
        return Frame(
            key=f"child-{self._child.student.student_id}-{key}",
            title=title,
            about=about,
            width=width,
            days=[self._dates.short_day(day) for day in self._days],
            lowest=ticks[0][0],
            highest=ticks[-1][0],
            ticks=ticks,
        )

    def _percent(self, value: float) -> str:
        return self._words.percent.format(n=round(value))


def _minutes(seconds: float) -> str:
    """Whole minutes; less than half of one is not called none."""
    return str(round(seconds / 60)) if seconds >= 30 or not seconds else "< 1"
