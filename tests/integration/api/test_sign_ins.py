"""Unused sign-ins in PostgreSQL, by its clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.errors import Refused
from neuroplay.core.rules.sign_ins import (
    IDLE_DAYS,
    MOST_DEVICES,
    MOST_ENDED,
    MOST_KNOWN_DEVICES,
)
from neuroplay.core.use_cases.sign_in import Authenticate, SignIn
from neuroplay.infra.attempts import Attempts
from neuroplay.infra.db import migrations
from neuroplay.infra.db.repositories.sign_ins import TIDIED_ONCE_IN
from neuroplay.infra.secrets import HmacSecrets
from tests.fakes.services import NOON, FakeCache

SECRETS = HmacSecrets("s" * 40)


@pytest.fixture
def ana(open_uow) -> tuple[str, str]:
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        student = uow.students.add(class_id, "Ana", "fox")
        uow.commit()
    return "A1B2C", SECRETS.card_code(StudentPrincipal, student.student_id, 1)


def sign_in(open_uow, card: tuple[str, str], number: int) -> str:
    """Ids of tokens are chosen by chance elsewhere; here `number` tells who tidies."""
    use_case = SignIn(
        uow=open_uow,
        clock=lambda: NOON,
        new_id=lambda: UUID(int=number),
        secrets=SECRETS,
        rate_limiter=Attempts(),
    )
    device = UUID(int=number)
    return use_case.execute(class_code=card[0], card_code=card[1], device_id=device).token


def silent_for(engine, days: float) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tokens SET last_used = now() - %s * interval '1 day'", (days,)
        )


def last_used_s_ago(engine) -> float:
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT extract(epoch FROM now() - last_used)::float8 FROM tokens"
        )
        return float(found.scalar_one())


def test_a_sign_in_ends_when_nobody_used_it_for_longer_than_any_holidays(open_uow, engine, ana):
    token = sign_in(open_uow, ana, 1)
    fresh = lambda: Authenticate(uow=open_uow, secrets=SECRETS, cache=FakeCache())  # noqa: E731
    silent_for(engine, IDLE_DAYS - 1)
    assert fresh().execute(token).device_id == UUID(int=1)
    assert last_used_s_ago(engine) < 60
    silent_for(engine, IDLE_DAYS + 1)
    with pytest.raises(Refused) as refused:
        fresh().execute(token)
    assert refused.value.code == "token_revoked"
    assert last_used_s_ago(engine) > IDLE_DAYS * 86_400


def test_that_it_is_used_is_written_once_a_day(open_uow, engine, ana):
    token = sign_in(open_uow, ana, 1)
    silent_for(engine, 0.5)
    Authenticate(uow=open_uow, secrets=SECRETS, cache=FakeCache()).execute(token)
    assert last_used_s_ago(engine) > 43_000


def test_what_has_ended_does_not_pile_up(open_uow, engine, ana):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tokens (token_id, token_hash, student_id, device_id, card_version, "
            "  created_at, revoked_at) SELECT gen_random_uuid(), decode(md5(n::text), 'hex'), "
            "  (SELECT student_id FROM students), gen_random_uuid(), 1, now(), now() "
            "FROM generate_series(1, %s) AS n",
            (MOST_ENDED + 100,),
        )
    token = sign_in(open_uow, ana, TIDIED_ONCE_IN)
    with engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM tokens").scalar_one()
    assert count == MOST_ENDED + 1
    assert Authenticate(uow=open_uow, secrets=SECRETS, cache=FakeCache()).execute(token)


def test_a_card_that_signs_in_without_end_fills_nothing_and_hinders_nobody(open_uow, engine, ana):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO devices (device_id, student_id, last_contact) SELECT gen_random_uuid(), "
            "(SELECT student_id FROM students), now() FROM generate_series(1, 300)"
        )
    with ThreadPoolExecutor(5) as pool:
        tokens = list(pool.map(lambda number: sign_in(open_uow, ana, number), range(1, 201)))
    tokens.append(sign_in(open_uow, ana, 20 * TIDIED_ONCE_IN))
    with engine.connect() as connection:
        active, known = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM tokens WHERE revoked_at IS NULL), "
            "       (SELECT count(*) FROM devices)"
        ).one()
    assert (active, known) == (MOST_DEVICES, MOST_KNOWN_DEVICES)
    assert len(set(tokens)) == 201


def test_sign_ins_of_an_earlier_release_begin_to_count_now(empty):
    migrations.upgrade(empty, to="0009")
    with empty.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tokens (token_id, token_hash, created_at) "
            "VALUES (gen_random_uuid(), 'x', '2020-01-01')"
        )
    migrations.upgrade(empty)
    assert last_used_s_ago(empty) < 60


@pytest.fixture
def empty(empty_database_url):
    from neuroplay.infra.db.engine import make_engine

    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_a_first_sign_in_that_the_release_before_took_is_the_first(open_uow, engine, ana):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tokens (token_id, token_hash, student_id, device_id, card_version, "
            "created_at) SELECT gen_random_uuid(), 'a', student_id, gen_random_uuid(), 1, "
            "%s::timestamptz - interval '20 days' FROM students",
            (NOON,),
        )
    sign_in(open_uow, ana, 1)
    sign_in(open_uow, ana, 2)
    with open_uow() as uow:
        (student,) = uow.students.by_class(1)
    assert student.first_sign_in_at == NOON - timedelta(days=20)
