"""Sums over all students and devices, and how often a scrape reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import Metric
from sqlalchemy import Engine

from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.infra.db.sums import sums
from neuroplay.infra.monitoring.system_figures import QUICK_ROWS
from tests.integration.servers import wait_until

ACTIVE_S = 300.0


@dataclass(frozen=True)
class Contact:
    """Of a device of a student: seconds ago, and what it has not sent."""

    student: int
    device: int
    ago_s: int
    pending: int
    oldest_ago_s: int | None


contacts = st.lists(
    st.builds(
        Contact,
        student=st.integers(1, 4),
        device=st.integers(1, 3),
        ago_s=st.one_of(st.integers(0, 250), st.integers(350, 9_000)),
        pending=st.integers(0, 3),
        oldest_ago_s=st.none() | st.integers(0, 9_000),
    ),
    max_size=8,
    unique_by=lambda one: (one.student, one.device),
)


@pytest.fixture
def write(engine: Engine):
    """Writes four students with these counts of sessions, and these contacts, in place of others;
    returns the database's time."""

    def write(sessions: list[int], found: list[Contact]) -> datetime:
        with engine.begin() as connection:
            run = connection.exec_driver_sql
            run("TRUNCATE devices, students, classes RESTART IDENTITY CASCADE")
            run("INSERT INTO classes (name, code) VALUES ('3A', 'A1B2C')")
            for count in sessions:
                run(
                    "INSERT INTO students (class_id, nickname, avatar, sessions) "
                    "VALUES (1, 'Ana', 'fox', %s)",
                    (count,),
                )
            for one in found:
                run(
                    "INSERT INTO devices VALUES (%s::uuid, %s, now() - make_interval(secs => %s), "
                    "%s, now() - make_interval(secs => %s))",
                    (
                        f"00000000-0000-4000-8000-{one.device:012}",
                        one.student,
                        one.ago_s,
                        one.pending,
                        one.oldest_ago_s,
                    ),
                )
            return cast("datetime", run("SELECT now()").scalar_one())

    return write


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sessions=st.lists(st.integers(0, 9_000), min_size=4, max_size=4), found=contacts)
def test_sums_are_those_of_all_rows(engine, write, sessions, found):
    written = write(sessions, found)
    told = sums(engine, active_s=ACTIVE_S)
    holding = [one for one in found if one.pending]
    assert (told.students, told.devices, told.rows) == (4, len(found), 4 + len(found))
    assert told.processed == sum(sessions)
    assert told.active_students == len({one.student for one in found if one.ago_s < ACTIVE_S})
    assert told.holding_devices == len({one.device for one in holding})
    assert told.unsent_sessions == sum(one.pending for one in holding)
    oldest = max(
        (one.ago_s if one.oldest_ago_s is None else one.oldest_ago_s for one in holding), default=0
    )
    since = (datetime.now(UTC) - written).total_seconds()
    assert oldest <= told.oldest_unsent_s <= oldest + since + 1


@pytest.fixture
def container(database_url: str, tmp_path: Path) -> Iterator[Container]:
    built = build(load_settings(home=tmp_path, database_url=database_url))
    yield built
    built.close()


def active_users(container: Container) -> float:
    """Of the next scrape in which the database answers in time."""
    found: list[Metric] = []

    def is_told() -> bool:
        families = container.figures.collect()
        found[:] = [one for one in families if one.name == "neuroplay_active_users"]
        return bool(found)

    wait_until(is_told, "the database answered")
    return float(found[0].samples[0].value)


def test_a_scrape_of_few_students_tells_what_is_so_now(container, write):
    write([0] * 4, [])
    assert active_users(container) == 0
    write([0] * 4, [Contact(1, 1, 0, 0, None)])
    assert active_users(container) == 1


def test_a_scrape_of_many_reads_their_sums_once_a_minute(container, engine, write):
    write([0] * 4, [Contact(1, 1, 0, 0, None)])
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO students (class_id, nickname, avatar) "
            "SELECT 1, 'Bia', 'owl' FROM generate_series(1, %s)",
            (QUICK_ROWS,),
        )
    assert active_users(container) == 1
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM devices")
    assert active_users(container) == 1
