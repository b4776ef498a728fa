"""Real servers for tests that need them, and how hypothesis runs.

Each process of a parallel run has servers of its own, started when the first test asks for them.
"""

from __future__ import annotations

import gc
import itertools
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres
    from tests.databases import Databases

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

# Servers of tests share a machine with other tests, and may stand still for longer than users would
# wait. Tests of that limit set it themselves.
os.environ["NEUROPLAY_API_WAIT"] = "60"

# A shell that starts the tests in the background has them ignore Ctrl+C, nohup the end of the
# terminal, and with them every process that they start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# To collect all tests makes objects that stay until the end. Nothing among them is garbage: to look
# for it takes a third of the time, and would again take long during the tests.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A short path that other users may enter: a socket's path ends at 107 bytes, and as root
    PostgreSQL runs under another account. tmp_path is neither."""
    with tempfile.TemporaryDirectory(prefix="nptest", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        yield place


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres

    server = EmbeddedPostgres(home=server_folder / "home", runtime_dir=server_folder / "run")
    with server.running():
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: EmbeddedPostgres) -> str:
    """A PostgreSQL as NeuroPlay's own role, whose database `neuroplay` stays empty."""
    return postgres_server.url


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Databases:
    from neuroplay.infra.db import migrations
    from neuroplay.infra.db.engine import make_engine
    from tests.databases import TEMPLATE, Databases, as_owner, named

    as_owner(postgres_url, f"CREATE DATABASE {TEMPLATE} OWNER neuroplay")
    engine = make_engine(named(postgres_url, TEMPLATE))
    migrations.upgrade(engine)
    engine.dispose()
    return Databases(postgres_url)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A new database without a schema, gone after the test."""
    from tests.databases import as_owner, named

    name = f"empty_{next(_numbers)}"
    as_owner(postgres_url, f"CREATE DATABASE {name} TEMPLATE template0 OWNER neuroplay")
    yield named(postgres_url, name)
    as_owner(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of this test's own with this release's schema, as new."""
    with databases.lend() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    from neuroplay.infra.db.engine import make_engine

    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def open_uow(engine: Engine) -> Callable[[], SqlUnitOfWork]:
    """Opens units of work on a database of this test's own."""
    from neuroplay.infra.db.unit_of_work import SqlUnitOfWork

    return partial(SqlUnitOfWork, engine)


@pytest.fixture(scope="session")
def redis_url(server_folder: Path) -> Iterator[str]:
    """A Valkey, which `redis` gives empty."""
    from neuroplay.infra.embedded.redis import EmbeddedValkey

    server = EmbeddedValkey(home=server_folder / "home", runtime_dir=server_folder / "run")
    with server.running() as url:
        yield url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client as NeuroPlay makes it, of an empty Valkey."""
    from neuroplay.infra.redis.client import make_client

    client = make_client(redis_url)
    client.flushall()
    yield client
    client.close()
