"""Fold old sessions into opening balances, and count on from these.

What a balance keeps is what the rules ask of a set of sessions. It can be added to in any order: a
session that arrives late is counted as if nothing had been folded, and may be folded later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import cast

from neuroplay.core.entities.opening_balance import CountedSession, GameBalance, OpeningBalance
from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.student import GameProgress, Progress
from neuroplay.core.rules.achievements import (
    ONE_DAY,
    earned_by_history,
    earned_by_session,
    lived_days,
)
from neuroplay.core.rules.bounds import play_charge_s
from neuroplay.core.rules.xp import ACHIEVEMENT_XP
from neuroplay.core.use_cases.process_game_completion import play_day


def fold(counted: Iterable[CountedSession]) -> dict[int, OpeningBalance]:
    """The balance of these sessions for each of their students, by id. All have times."""
    games: dict[int, dict[str, GameBalance]] = {}
    days: dict[int, dict[date, tuple[datetime, datetime]]] = {}
    for one in counted:
        session, ended_at = one.session, cast("datetime", one.session.ended_at)
        own = games.setdefault(session.student_id, {})
        known = own.get(session.game_type)
        balance = _balance_of(one)
        own[session.game_type] = balance if known is None else together(known, balance)
        day = cast("date", play_day(session))
        its_days = days.setdefault(session.student_id, {})
        first, last = its_days.get(day, (ended_at, ended_at))
        its_days[day] = min(first, ended_at), max(last, ended_at)
    return {
        student_id: OpeningBalance(games=own, days=days[student_id])
        for student_id, own in games.items()
    }


def together(one: GameBalance, other: GameBalance) -> GameBalance:
    """The balance of the sessions of both."""
    later = max(one, other, key=lambda balance: (balance.last_ended_at, balance.difficulty))
    return GameBalance(
        plays=one.plays + other.plays,
        xp=one.xp + other.xp,
        excellent_sessions=one.excellent_sessions + other.excellent_sessions,
        top_difficulty=max(one.top_difficulty, other.top_difficulty),
        played_s=one.played_s + other.played_s,
        best_score=max(one.best_score, other.best_score),
        difficulty=later.difficulty,
        last_ended_at=later.last_ended_at,
        earned=one.earned if other.earned <= one.earned else one.earned | other.earned,
    )


def opening_progress(balance: OpeningBalance) -> Progress:
    """The progress of the folded sessions alone.

    The time of each badge is the last end of play: the balance does not know which of the sessions
    it was.
    """
    games = balance.games
    if not games:
        return Progress()
    sessions = sum(one.plays for one in games.values())
    excellent = sum(one.excellent_sessions for one in games.values())
    top = max(one.top_difficulty for one in games.values())
    earned = {name for one in games.values() for name in one.earned}
    earned.update(
        earned_by_history(
            sessions=sessions,
            excellent_sessions=excellent,
            top_difficulty=top,
            games=games.keys(),
            streak=max(_streaks(balance.days), default=0),
        )
    )
    last = max(one.last_ended_at for one in games.values())
    return Progress(
        xp=sum(one.xp for one in games.values()) + ACHIEVEMENT_XP * len(earned),
        sessions=sessions,
        excellent_sessions=excellent,
        top_difficulty=top,
        played_s=sum(one.played_s for one in games.values()),
        play_days=PlayDays(balance.days),
        games={
            game_type: GameProgress(
                game_type=game_type,
                plays=one.plays,
                best_score=one.best_score,
                difficulty=one.difficulty,
                last_ended_at=one.last_ended_at,
            )
            for game_type, one in games.items()
        },
        achievements=dict.fromkeys(sorted(earned), last),
    )


def _balance_of(one: CountedSession) -> GameBalance:
    session = one.session
    return GameBalance(
        plays=1,
        xp=one.xp_gained,
        excellent_sessions=int(one.rating == "excellent"),
        top_difficulty=session.lanterns,
        played_s=play_charge_s(session),
        best_score=session.score,
        difficulty=session.next_difficulty,
        last_ended_at=cast("datetime", session.ended_at),
        earned=frozenset(earned_by_session(session)),
    )


def _streaks(days: Mapping[date, tuple[datetime, datetime]]) -> Iterator[int]:
    """The length of each streak, limited by `lived_days`."""
    run: list[date] = []
    for day in (*sorted(days), None):
        if day is None or (run and day - run[-1] != ONE_DAY):
            if run:
                lasted = max(days[d][1] for d in run) - min(days[d][0] for d in run)
                yield lived_days(len(run), lasted)
            run = []
        if day is not None:
            run.append(day)
