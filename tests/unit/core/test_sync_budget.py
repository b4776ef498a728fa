from __future__ import annotations

from contextlib import suppress

import pytest

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.errors import Refused, StoreUnavailable
from neuroplay.core.use_cases import sync_budget
from neuroplay.core.use_cases.sync_budget import OWN_BYTES, OWN_SESSIONS, OWN_SHARE, SyncBudget
from tests.fakes.services import FakeSeconds
from tests.unit.core.samples import School

USUAL = Allowance(sessions=2_000, size=32 << 20, sessions_a_day=500)


class Process:
    """One of several API processes that share a school's store."""

    def __init__(self, school: School, allowance: Allowance = USUAL) -> None:
        self.school = school
        self.seconds = FakeSeconds()
        self.budget = SyncBudget(uow=school.store, allowance=allowance, seconds=self.seconds)

    def send(self, sessions: int, size: int) -> None:
        self.budget.check(self.school.ana)
        self.budget.spend(self.school.ana, sessions=sessions, size=size)

    def take(self, sessions: int = 50, size: int = 1_000) -> bool:
        """Whether a batch is accepted."""
        with suppress(Refused):
            self.send(sessions, size)
            return True
        return False

    def forward(self, seconds: float) -> None:
        self.seconds.now += seconds
        self.school.store.clock.forward(seconds)


def passed(processes: list[Process], sessions: int = 50, tries: int = 200) -> int:
    """The number of sessions accepted from many batches, which the processes get in turn."""
    return sessions * sum(processes[n % len(processes)].take(sessions) for n in range(tries))


def test_a_month_offline_of_an_eager_child_passes_at_once() -> None:
    process = Process(School())
    size = 50 * 10_000  # a round with its trace
    assert all(process.take(50, size) for _ in range(30 * 60 // 50))


def test_a_token_that_sends_without_end_is_stopped_and_goes_on_slowly() -> None:
    process = Process(School())
    assert USUAL.sessions <= passed([process]) < USUAL.sessions + OWN_SESSIONS
    hours = 0
    sent = 0
    while hours < 240:
        process.forward(3_600)
        hours += 1
        while process.take():
            sent += 50
    assert sent <= 10 * USUAL.sessions_a_day + 50


@pytest.mark.parametrize("sessions", [1, 7, 49, 50, 100])
def test_processes_share_what_a_student_may_send(sessions: int) -> None:
    school = School()
    processes = [Process(school) for _ in range(4)]
    total = passed(processes, sessions, tries=6_000 // sessions)
    assert USUAL.sessions - 100 <= total <= USUAL.sessions + 5 * OWN_SESSIONS + sessions


@pytest.mark.parametrize("burst", [1, 20, 150])
def test_a_small_allowance_is_as_exact(burst: int) -> None:
    process = Process(School(), Allowance(sessions=burst, size=1 << 20, sessions_a_day=10))
    assert burst <= passed([process], 1, tries=burst + 50) <= burst + 2 * (burst // OWN_SHARE) + 1


def test_bytes_are_counted_however_few_the_sessions() -> None:
    process = Process(School())
    sent = sum(process.take(1, 1 << 20) for _ in range(100))
    assert sent << 20 <= USUAL.size + OWN_BYTES + (1 << 20)


def test_a_child_who_sends_each_game_as_it_is_played_seldom_asks_the_store() -> None:
    process = Process(School())
    before = len(process.school.store.opened)
    for _ in range(OWN_SESSIONS - 1):
        assert process.take(1)
    assert len(process.school.store.opened) == before
    assert process.take(1)
    assert len(process.school.store.opened) == before + 1


def test_who_is_refused_is_told_when_to_come_again() -> None:
    process = Process(School())
    passed([process], 99)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            process.send(50, 1)
        assert refused.value.code == "over_budget"
        assert 1 <= (refused.value.retry_after_s or 0) <= 86_400
    process.forward(refused.value.retry_after_s or 0)
    assert process.take()


def test_who_is_refused_asks_the_store_no_more_until_it_may_be_different() -> None:
    process = Process(School())
    passed([process])
    before = len(process.school.store.opened)
    assert not any(process.take() for _ in range(1_000))
    assert len(process.school.store.opened) == before


def test_what_could_not_be_stored_is_not_spent() -> None:
    process = Process(School())
    for _ in range(1_000):
        assert process.take()
        process.budget.give_back(process.school.ana, sessions=50, size=1_000)


def test_while_the_store_is_away_nothing_is_spent() -> None:
    process = Process(School())
    process.school.store.away = True
    for _ in range(1_000):
        with pytest.raises(StoreUnavailable):
            process.take(OWN_SESSIONS)
    process.school.store.away = False
    assert passed([process], OWN_SESSIONS) == USUAL.sessions


def test_an_erased_student_is_told_so() -> None:
    process = Process(School())
    with pytest.raises(Refused) as refused:
        process.budget.spend(999, sessions=OWN_SESSIONS, size=1)
    assert refused.value.code == "student_erased"


def test_without_a_limit_the_store_is_never_asked() -> None:
    process = Process(School(), Allowance(sessions=0, size=1, sessions_a_day=1))
    before = len(process.school.store.opened)
    assert all(process.take(100, 1 << 20) for _ in range(100))
    process.budget.give_back(process.school.ana, sessions=1, size=1)
    assert len(process.school.store.opened) == before


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_budget, "MOST_STUDENTS", 10)
    process = Process(School())
    for student_id in range(1_000, 1_100):
        process.budget.spend(student_id, sessions=1, size=1)
    refused = []
    # The last first: each that was forgotten takes the place of another.
    for student_id in reversed(range(1_000, 1_100)):
        try:  # with what is remembered, it is enough to ask the store, which knows none of them
            process.budget.spend(student_id, sessions=OWN_SESSIONS - 1, size=1)
        except Refused:
            refused.append(student_id)
    assert refused == list(reversed(range(1_090, 1_100)))
