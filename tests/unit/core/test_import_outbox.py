from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.principal import NewToken
from neuroplay.core.entities.sync_item import ReceiptStatus
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.import_outbox import CHUNK, ImportOutbox
from tests.builders import A_VISITOR, a_holder, an_outbox_file
from tests.fakes.services import NOON, FakeClock, FakeSecrets, FakeWakeUp, fake_hash_payload
from tests.fakes.unit_of_work import FakeStore
from tests.unit.core.samples import record

TOKEN, DEVICE = UUID(int=7), UUID(int=8)


class Importing:
    """One student, signed in on one device, and the use case."""

    def __init__(self) -> None:
        self.store, self.secrets, clock = FakeStore(), FakeSecrets(), FakeClock()
        with self.store() as uow:
            made = uow.classes.add("3A", "ABC123")
            self.student_id = uow.students.add(made.class_id, "Ana", "fox").student_id
            uow.tokens.add(
                [
                    NewToken(
                        secret_mark="mark",
                        token_id=TOKEN,
                        token_hash=b"t" * 32,
                        holder=a_holder(self.student_id),
                        device_id=DEVICE,
                        now=NOON,
                    )
                ]
            )
            uow.commit()
        accept = AcceptSync(
            uow=self.store, clock=clock, hash_payload=fake_hash_payload, wake_up=FakeWakeUp()
        )
        self.imports = ImportOutbox(
            uow=self.store,
            clock=clock,
            new_id=uuid4,
            secrets=self.secrets,
            accept_sync=accept,
        )

    def file(self, sessions: list[Any], token: UUID = TOKEN) -> dict[str, Any]:
        """A file as a tablet writes it."""
        return an_outbox_file(token, self.secrets.export_key(token), sessions)

    def take_in(self, document: Any) -> list[ReceiptStatus]:
        file = self.imports.open(document)
        return [r.status for receipts in self.imports.execute(file, who="ops") for r in receipts]

    def stored(self) -> int:
        with self.store() as uow:
            return len(uow.inbox.list(limit=1000))


def records(count: int) -> list[dict[str, Any]]:
    return [record(n) for n in range(count)]


def test_a_file_is_taken_in_once_however_often_it_comes() -> None:
    school = Importing()
    document = school.file(records(CHUNK + 3))
    assert school.take_in(document) == [ReceiptStatus.ACCEPTED] * (CHUNK + 3)
    assert school.take_in(document) == [ReceiptStatus.DUPLICATE] * (CHUNK + 3)
    assert school.stored() == CHUNK + 3


def test_sessions_keep_their_times_however_long_the_file_travelled() -> None:
    school = Importing()
    school.take_in(school.file(records(1)))
    with school.store() as uow:
        (item,) = uow.inbox.list()
    assert (item.clock_shift_s, item.student_id, item.device_id) == (0.0, school.student_id, DEVICE)
    assert item.request_id is not None
    assert item.request_id.startswith("import-")


def test_it_is_no_sign_of_life_of_the_tablet() -> None:
    school = Importing()
    school.take_in(school.file(records(1)))
    with school.store() as uow:
        assert uow.devices.of_student(school.student_id) == []


def test_only_a_students_token_can_have_sealed_one() -> None:
    school = Importing()
    (key, stored), *_ = school.store.tables.tokens.items()
    school.store.tables.tokens[key] = replace(stored, principal=A_VISITOR)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        school.take_in(school.file(records(1)))
    assert refused.value.code == "no_outbox_file"


def test_a_bad_session_hinders_no_other() -> None:
    school = Importing()
    good, bad = records(2)
    assert school.take_in(school.file([{**bad, "score": -1}, good])) == [
        ReceiptStatus.INVALID,
        ReceiptStatus.ACCEPTED,
    ]


def test_the_games_of_a_token_that_ended_are_taken_in() -> None:
    school = Importing()
    with school.store() as uow:
        uow.students.raise_card_version(school.student_id, 1)
        uow.commit()
    assert school.take_in(school.file(records(1))) == [ReceiptStatus.ACCEPTED]


def test_an_audit_line_says_who_took_in_what() -> None:
    school = Importing()
    school.take_in(school.file(records(2)))
    (line,) = school.store.tables.audit
    assert (line["who"], line["what"]) == ("ops", "outbox file imported")
    assert line["details"]["accepted"] == 2


def refused(school: Importing, document: Any) -> str:
    with pytest.raises(Refused) as caught:
        school.imports.open(document)
    return caught.value.code


@given(st.data())
def test_a_changed_file_is_always_refused(data: st.DataObject) -> None:
    school = Importing()
    document = school.file(records(2))
    name = data.draw(st.sampled_from(["payload", "seal"]))
    text = document[name]
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[at]))
    document[name] = text[:at] + other + text[at + 1 :]
    assert refused(school, document) == "outbox_file_changed"
    assert school.stored() == 0


def test_another_tokens_name_on_the_file_is_refused() -> None:
    school = Importing()
    document = {**school.file(records(1)), "token_id": str(uuid4())}
    assert refused(school, document) == "outbox_file_changed"


def test_a_token_nobody_knows_and_an_erased_student_are_refused() -> None:
    school = Importing()
    assert refused(school, school.file(records(1), token=uuid4())) == "unknown_token"
    document = school.file(records(1))
    with school.store() as uow:
        uow.students.erase(school.student_id)
        uow.commit()
    assert refused(school, document) == "student_erased"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"neuroplay_outbox": 2},
        {"neuroplay_outbox": 1, "token_id": "no", "payload": "{}", "seal": ""},
        {"neuroplay_outbox": 1, "token_id": str(TOKEN), "payload": {}, "seal": ""},
    ],
)
def test_what_is_no_outbox_file_is_refused(document: Any) -> None:
    assert refused(Importing(), document) == "no_outbox_file"
