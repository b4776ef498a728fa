"""A student's budget in PostgreSQL, spent by several processes' threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.sync_budget import OWN_SESSIONS, SyncBudget

PROCESSES, BATCH = 4, 10
SMALL = Allowance(sessions=1_000, size=32 << 20, sessions_a_day=10)


def test_threads_of_several_processes_never_spend_more_than_there_is(open_uow, engine):
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        ana = uow.students.add(class_id, "Ana", "fox").student_id
        uow.commit()
    budgets = [SyncBudget(uow=open_uow, allowance=SMALL) for _ in range(PROCESSES)]

    def send(number: int) -> int:
        budget = budgets[number % PROCESSES]
        try:
            budget.check(ana)
            budget.spend(ana, sessions=BATCH, size=1_000)
        except Refused:
            return 0
        return BATCH

    with ThreadPoolExecutor(8) as pool:
        sent = sum(pool.map(send, range(400)))
    assert SMALL.sessions <= sent <= SMALL.sessions + (PROCESSES + 1) * OWN_SESSIONS + BATCH
    with open_uow() as uow:
        uow.students.erase(ana)
        uow.commit()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sync_budgets")) == 0


def test_a_budget_that_was_used_up_while_the_clock_was_ahead_comes_back(open_uow, engine):
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        ana = uow.students.add(class_id, "Ana", "fox").student_id
        uow.commit()

    def charge(sessions: int) -> float:
        with open_uow(in_steps=True) as uow:
            return uow.budgets.charge(ana, sessions, 1_000, SMALL)

    assert (charge(1_005), charge(1) > 0) == (0.0, True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE sync_budgets SET at = at + interval '60 days'"))
    assert (charge(1), charge(1)) == (0.0, 0.0)
