"""The ledger, compared while tablets keep playing: no false alarm, and none missed."""

from __future__ import annotations

from random import Random
from typing import cast

import pytest

from tests.acceptance.chaos import ledger as module
from tests.acceptance.chaos.ledger import Balance, Ledger, balance, xp_by_the_rules
from tests.acceptance.chaos.tablets import finished_game
from tests.acceptance.installation import Installation, Session

STUDENT = 1
NO_SYSTEM = cast(Installation, None)


def compared(
    monkeypatch: pytest.MonkeyPatch,
    ledger: Ledger,
    games: list[Session],
    *,
    times: int = 1,
) -> Balance:
    """The balance with a store that these games reach, and where they are counted, in the very
    moment at which it is read."""

    def read_store(
        system: Installation,
    ) -> tuple[list[tuple[str, str]], dict[str, int], dict[int, tuple[int, int]]]:
        for game in games:
            ledger.plays(STUDENT, game)
        ledger.acknowledges(game["session_id"] for game in games)
        ids = [game["session_id"] for game in games]
        xp = xp_by_the_rules({game["session_id"]: (STUDENT, game) for game in games}, ids)
        return (
            [(i, "processed") for i in ids],
            dict.fromkeys(ids, 1),
            {STUDENT: (xp[STUDENT] * times, len(ids) * times)},
        )

    monkeypatch.setattr(module, "read_store", read_store)
    return balance(NO_SYSTEM, ledger)


def two_games() -> list[Session]:
    random = Random(1)
    return [finished_game(random, slot) for slot in range(2)]


def test_a_game_played_while_the_store_is_read_is_no_game_counted_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = compared(monkeypatch, Ledger(), two_games())
    assert found.holds, found


def test_a_game_whose_experience_was_given_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compared(monkeypatch, Ledger(), two_games(), times=2)
    assert found.twice == ["student 1: 4 of 2"]
    assert found.wrong_xp.keys() == {STUDENT}


def test_an_acknowledged_game_that_is_not_stored_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    game, *others = two_games()
    ledger.plays(STUDENT, game)
    ledger.acknowledges([game["session_id"]])
    assert compared(monkeypatch, ledger, others).lost == [game["session_id"]]
