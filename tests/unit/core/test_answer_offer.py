from __future__ import annotations

from uuid import UUID

import pytest

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.answer_offer import OFFER_BYTES, AnswerOffer
from neuroplay.core.use_cases.sync_budget import SyncBudget
from tests.builders import a_principal
from tests.fakes.services import FakeSeconds, fake_hash_payload
from tests.unit.core.samples import School, record, session_id


def offered(*records: dict[str, object]) -> dict[UUID, bytes]:
    return {UUID(str(one["session_id"])): fake_hash_payload(one) for one in records}


def test_an_offer_is_answered_with_what_the_store_lacks() -> None:
    school = School()
    school.send(record(1))
    answer = AnswerOffer(uow=school.store).execute(
        a_principal(school.ana), offered(record(1), record(2))
    )
    assert answer == [UUID(session_id(2))]


def test_an_empty_offer_does_not_ask_the_store() -> None:
    school = School()
    opened = len(school.store.opened)
    assert AnswerOffer(uow=school.store).execute(a_principal(school.ana), {}) == []
    assert len(school.store.opened) == opened


def test_offers_without_end_are_told_to_wait_and_syncs_too() -> None:
    school = School()
    small = Allowance(sessions=100, size=100 * OFFER_BYTES, sessions_a_day=10)
    budget = SyncBudget(uow=school.store, allowance=small, seconds=FakeSeconds())
    answers = AnswerOffer(uow=school.store, budget=budget)
    with pytest.raises(Refused, match="more games than a child can play"):
        _offer_without_end(answers, school.ana)
    with pytest.raises(Refused, match="more games than a child can play"):
        budget.check(school.ana)
    answers.execute(a_principal(school.bia), offered(record(1)))


def _offer_without_end(answers: AnswerOffer, student_id: int) -> None:
    for n in range(1_000):
        answers.execute(a_principal(student_id), offered(record(n)))


def test_the_offer_of_an_erased_child_is_refused() -> None:
    school = School()
    one = Allowance(sessions=1, size=1, sessions_a_day=1)
    answers = AnswerOffer(uow=school.store, budget=SyncBudget(uow=school.store, allowance=one))
    with pytest.raises(Refused) as refused:
        answers.execute(a_principal(999), offered(record(1)))
    assert refused.value.code == "student_erased"
