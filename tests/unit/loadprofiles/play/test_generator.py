from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.play.generator import Generator
from loadprofiles.play.roster import Card
from loadprofiles.profiles import PROFILES, Profile


def generator(cards: int = 0, *, index: int = 0, of: int = 1) -> Generator:
    made = Generator()
    made.cards = [Card("A1B2C", str(number)) for number in range(cards)]
    made.index, made.of = index, of
    return made


@given(cards=st.integers(0, 60), of=st.integers(1, 7))
def test_every_card_is_played_once_whatever_the_number_of_processes(cards: int, of: int) -> None:
    played = []
    for index in range(of):
        process = generator(cards, index=index, of=of)
        while (found := process.next_student()) is not None:
            played.append(found)
        assert process.next_student() is None
    assert sorted(number for number, _ in played) == list(range(cards))
    assert all(card == Card("A1B2C", str(number)) for number, card in played)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_no_student_finishes_more_games_than_lie_ahead(profile: Profile) -> None:
    """Else the games would reach into the future. An hour says enough of a day."""
    profile = replace(profile, run_time_s=min(profile.run_time_s, 3600.0))
    process = generator()
    process.profile, process.run_time_s = profile, profile.run_time_s
    random = Random(1)
    for _ in range(60):
        games, t = 0, 0.0
        while t < profile.run_time_s:
            (kind,) = random.choices(list(profile.turns), list(profile.turns.values()))
            if kind in ("game", "offline", "backlog"):
                games += random.randint(*profile.backlog) if kind == "backlog" else 1
            t += random.uniform(*profile.think_s)
        assert games <= process.games_ahead


def test_what_was_taken_is_not_told_again() -> None:
    process = generator()
    process.notes.request("GET /", 3.0, None, steady=True)
    process.ledger.add(1, ["00000000-0000-4000-8000-000000000001"])
    first, second = process.take(), process.take()
    assert (first["notes"]["counts"]["requests"], len(first["ledger"])) == (1, 1)
    assert (second["notes"]["counts"]["requests"], len(second["ledger"])) == (0, 0)
    assert first["notes"]["wall_s"] > 0
