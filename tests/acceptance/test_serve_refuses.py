"""What `neuroplay serve` says where it cannot start: one line with what, why and what to do, and
exit code 3. Nothing is left running."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from redis import Redis

from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.embedded.redis import EmbeddedValkey
from tests.acceptance.installation import Ended, Installation, free_port, wait_until

pytestmark = pytest.mark.slow

SECRET = "0123456789abcdef" * 4
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(home=tmp_path / "home")
    try:
        yield installation
    finally:
        assert installation.processes() == []


def refused(system: Installation, *arguments: str) -> str:
    """Run serve, which must refuse; its one line."""
    ended = system.run("serve", *arguments)
    assert ended.code == 3, ended
    assert ended.out == ""
    said = [line for line in ended.err.splitlines() if not line.endswith(" ...")]
    assert len(said) == 1, ended.err
    assert said[0].startswith("Error: ")
    assert "Traceback" not in ended.err
    return said[0]


def with_settings(system: Installation, **settings: str) -> Installation:
    system.settings = {**system.settings, **settings}
    return system


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, no folder")
    line = refused(Installation(home=tmp_path / "file" / "home"))
    assert "not writable" in line
    assert "NEUROPLAY_HOME" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_home_without_permission(system: Installation) -> None:
    system.home.mkdir(mode=0o500)
    assert "permission denied" in refused(system)


@AS_ROOT
def test_a_runtime_folder_of_another_user(system: Installation) -> None:
    system.home.mkdir()
    system.runtime.mkdir()
    os.chown(system.runtime, 54321, 54321)
    try:
        assert "belongs to another user (uid 54321)" in refused(system)
    finally:
        system.runtime.rmdir()


def test_a_public_address_without_https(system: Installation) -> None:
    line = refused(system, "--host", "0.0.0.0")  # noqa: S104
    assert "public address without HTTPS" in line
    assert "--tls-cert" in line
    assert "--insecure" in line
    assert not system.home.exists()


def test_a_certificate_without_its_key(system: Installation, tmp_path: Path) -> None:
    assert "NEUROPLAY_TLS_KEY is not set" in refused(system, "--tls-cert", str(tmp_path / "c.pem"))


def test_a_certificate_that_is_none(system: Installation, tmp_path: Path) -> None:
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("nothing of the kind")
    files = ("--tls-cert", str(tmp_path / "c.pem"), "--tls-key", str(tmp_path / "k.pem"))
    assert "cannot be used" in refused(system, *files)


def test_an_address_that_this_machine_has_not(system: Installation) -> None:
    line = refused(system, "--host", "192.0.2.1", "--insecure")
    assert "192.0.2.1 is not an address of this machine" in line.replace("\n", " ")


def test_a_database_url_that_is_none(system: Installation) -> None:
    line = refused(with_settings(system, DATABASE_URL="mysql://root:topsecret@db/neuroplay"))
    assert "DATABASE_URL" in line
    assert "postgresql://" in line
    assert "topsecret" not in line


def test_a_database_that_is_not_there(system: Installation) -> None:
    url = f"postgresql://neuroplay:topsecret@127.0.0.1:{free_port()}/neuroplay"
    line = refused(with_settings(system, DATABASE_URL=url, NEUROPLAY_SECRET=SECRET))
    assert "the database is not reachable" in line
    assert "DATABASE_URL" in line
    assert "topsecret" not in line


def test_an_outside_database_without_a_secret(system: Installation) -> None:
    url = f"postgresql://neuroplay@127.0.0.1:{free_port()}/neuroplay"
    assert "NEUROPLAY_SECRET" in refused(with_settings(system, DATABASE_URL=url))


def test_a_redis_that_is_not_there(system: Installation) -> None:
    line = refused(with_settings(system, REDIS_URL=f"redis://127.0.0.1:{free_port()}"))
    assert "Redis is not reachable" in line
    assert "REDIS_URL" in line


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of somebody else's, and a client of theirs."""
    runtime = Path("/tmp") / f"neuroplay-test-own-redis-{os.getpid()}"
    with (
        EmbeddedValkey(tmp_path / "redis", runtime).running() as url,
        Redis.from_url(url) as client,
    ):
        yield client


def url_of(client: Redis) -> str:
    return f"unix://{client.get_connection_kwargs()['path']}"


def test_a_redis_that_wants_a_password(system: Installation, own_redis: Redis) -> None:
    url = url_of(own_redis)
    own_redis.config_set("requirepass", "theirs")
    assert "it wants another user or password" in refused(with_settings(system, REDIS_URL=url))
    assert "it wants another" in refused(with_settings(system, REDIS_URL=f"{url}?password=x"))


def test_a_redis_that_takes_no_writes_for_now_keeps_nobody_from_serving(
    system: Installation, own_redis: Redis
) -> None:
    own_redis.config_set("save", "3600 1000000")
    own_redis.config_set("rdb-key-save-delay", "60000000")
    own_redis.set("a", b"key to write")
    own_redis.bgsave()
    for saving in psutil.Process(own_redis.info("server")["process_id"]).children():
        saving.kill()
    wait_until(lambda: own_redis.info()["rdb_last_bgsave_status"] == "err", "MISCONF")
    try:
        ended = with_settings(system, REDIS_URL=url_of(own_redis)).run("serve", "--detach")
        assert ended.code == 0
        assert "Redis cannot be used yet: it takes no writes. Games are accepted" in ended.err
        assert system.get("/health/ready")[0] == 200
    finally:
        system.end()


@pytest.fixture(scope="module")
def outside_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of somebody else's, empty."""
    folder = tmp_path_factory.mktemp("outside")
    with EmbeddedPostgres(folder, Path("/tmp") / f"neuroplay-test-{os.getpid()}").running() as url:
        yield url.replace("+psycopg2", "")


def migrated(system: Installation, command: str) -> Ended:
    return system.run("db", command)


def test_a_schema_that_is_behind_until_it_is_migrated(
    system: Installation, outside_database: str
) -> None:
    with_settings(system, DATABASE_URL=outside_database, NEUROPLAY_SECRET=SECRET)
    line = refused(system)
    assert "schema of the database is behind" in line
    assert "neuroplay db migrate" in line

    assert migrated(system, "migrate").code == 0
    try:
        said = system.json("serve", "--detach")
        assert said["demo"] is None, "the demo class exists with the embedded database only"
        assert sorted(system.status()) == ["api", "redis", "worker"]
        assert system.get("/health/ready")[0] == 200
    finally:
        system.end()


@pytest.fixture(scope="module")
def outside_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runtime = Path("/tmp") / f"neuroplay-test-redis-{os.getpid()}"
    with EmbeddedValkey(tmp_path_factory.mktemp("redis"), runtime).running() as url:
        yield url


def test_one_piece_alone_on_outside_servers(
    system: Installation, outside_database: str, outside_redis: str
) -> None:
    with_settings(system, DATABASE_URL=outside_database, REDIS_URL=outside_redis)
    with_settings(system, NEUROPLAY_SECRET=SECRET)
    assert migrated(system, "migrate").code == 0
    try:
        assert system.run("serve", "--detach", "--only", "worker").code == 0
        assert sorted(system.status()) == ["worker"]
        assert system.get("/health/live")[0] == 0
        (api,) = [one for one in system.json("doctor")["checks"] if one["name"] == "api"]
        assert (api["state"], api["what"]) == ("ok", "not on this host, which runs worker")
    finally:
        system.end()


@pytest.mark.parametrize("piece", ["api", "worker", "beat"])
def test_a_piece_alone_without_the_servers_of_the_others(system: Installation, piece: str) -> None:
    line = refused(system, "--only", piece)
    assert "DATABASE_URL and REDIS_URL are not set" in line
    with_settings(system, DATABASE_URL="postgresql://db/neuroplay", NEUROPLAY_SECRET=SECRET)
    assert "REDIS_URL is not set" in refused(system, "--only", piece)
    assert not system.home.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SENTRY_DSN", "sentry.example/4", "not a DSN"),
        ("NEUROPLAY_TRUSTED_PROXIES", "10.0.0.1, nginx", "'nginx' is not an address"),
        ("NEUROPLAY_SECRET", "short", "fewer than 32 characters"),
        ("NEUROPLAY_SECRET_FILE", "/nonexistent/secret", "/nonexistent/secret"),
        ("NEUROPLAY_HOST", "http://0.0.0.0", "NEUROPLAY_HOST"),
    ],
)
def test_a_setting_is_checked_before_anything_is_started(
    system: Installation, name: str, value: str, said: str
) -> None:
    assert said in refused(with_settings(system, **{name: value}))
    assert not system.home.exists()


@pytest.mark.parametrize(
    ("limit", "said"), [("n 200", "open files is 200"), ("f 1000", "bytes in a file")]
)
def test_a_limit_of_the_system_is_named(system: Installation, limit: str, said: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -{limit}; exec {sys.executable} -m cli serve"],
        env=system.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd="/",
    )
    assert done.returncode == 3
    assert said in done.stderr
    assert f"ulimit -{limit[0]}" in done.stderr
    assert not system.home.exists()


@AS_ROOT
def test_a_home_that_another_user_serves(tmp_path: Path) -> None:
    """As root, too: what root leaves there locks the owner out."""
    system = Installation(home=tmp_path / "home")
    system.home.mkdir()
    os.chown(system.home, 65534, 65534)
    before = system.home.stat()
    line = refused(system)
    assert f"served by {pwd.getpwuid(65534).pw_name}, and you are root" in line
    assert f"sudo -u {pwd.getpwuid(65534).pw_name} env NEUROPLAY_HOME={system.home}" in line
    assert list(system.home.iterdir()) == []
    assert system.home.stat().st_mtime == before.st_mtime


@AS_ROOT
@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_home_of_roots_in_which_others_write(tmp_path: Path, mode: int) -> None:
    """What root gives to the account there could be a link that a stranger made."""
    system = Installation(home=tmp_path / "home")
    system.home.mkdir()
    system.home.chmod(mode)
    victim = tmp_path / "victim"
    victim.mkdir()
    (system.home / "logs").symlink_to(victim)
    assert "other users may write in the home" in refused(system)
    assert victim.stat().st_uid == 0


def test_commands_on_a_mistyped_home_make_nothing_there(system: Installation) -> None:
    for command in (
        ("class", "cards", "3A"),
        ("class", "list"),
        ("student", "list"),
        ("sync", "status"),
        ("status",),
        ("stop",),
        ("restart",),
        ("logs",),
        ("health",),
        ("doctor",),
        ("db", "status"),
        ("db", "migrate"),
        ("db", "backup", str(system.home.parent / "b.dump")),
    ):
        ended = system.run(*command)
        assert "Traceback" not in ended.err, command
        assert not system.home.exists(), command
    assert system.run("class", "cards", "3A").code == 3


def test_data_of_another_postgresql(system: Installation) -> None:
    data = system.home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    line = refused(system)
    assert "written by PostgreSQL 16, this release runs 18" in line


def test_data_that_is_no_database(system: Installation) -> None:
    (system.home / "postgres" / "data" / "base").mkdir(parents=True)
    assert "not a complete PostgreSQL data folder" in refused(system)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets no test mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@AS_ROOT
def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 20) as small:
        line = refused(Installation(home=small / "home"))
        assert "disk is almost full" in line
        assert "MB are needed" in line


@AS_ROOT
def test_a_disk_that_fills_while_it_serves_is_named_everywhere(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 300) as small:
        system = Installation(home=small / "home")
        try:
            assert system.run("serve", "--detach").code == 0
            filler = small / "filler"
            with filler.open("wb") as file, suppress(OSError):
                while True:
                    file.write(bytes(1 << 20))
                    file.flush()
            assert system.get("/health")[1]["checks"]["database"] == "the disk is full"
            health = system.run("health")
            assert health.code == 1
            assert "the disk is full" in health.out
            assert "the disk is full: 0 MB are free" in system.run("status").err
            assert "the disk is full" in system.run("doctor").out
            assert system.run("stop").code == 0
            assert "the disk is full" in refused(system)
            filler.unlink()
            assert system.run("serve", "--detach").code == 0
            assert system.run("health").code == 0
        finally:
            system.end()


def test_a_wrong_option_is_a_usage_error(system: Installation) -> None:
    assert system.run("serve", "--port", "70000").code == 2
    assert system.run("serve", "--only", "everything").code == 2


def test_help_shows_an_example() -> None:
    system = Installation(home=Path("/nonexistent"))
    for command in ("serve", "status", "stop", "restart", "logs"):
        said = system.run(command, "--help")
        assert said.code == 0
        assert f"neuroplay {command}" in said.out.partition("Example")[2]


def test_an_odd_path_is_no_obstacle(tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "a home; with #signs, 100% 'odd' — é")
    try:
        ended = system.run("serve", "--detach", "--no-demo")
        assert ended.code == 0, ended
        assert system.run("status").code == 0
    finally:
        system.end()
        shutil.rmtree(system.home, ignore_errors=True)
    assert system.processes() == []


def test_a_secret_that_is_not_the_one_of_the_cards(system: Installation) -> None:
    demo = system.json("serve", "--detach")["demo"]
    codes = [one["card_code"] for one in demo["students"]]
    secret = system.home / "secret"
    old = secret.read_text()
    secret.write_text("another" * 8)
    cards = system.run("class", "cards", "Demo", "--out", str(system.home / "cards.html"))
    assert (cards.code, cards.out) == (3, "")
    assert "is not the one with which the cards" in cards.err
    assert "cards" in [one["name"] for one in doctor(system) if one["state"] == "wrong"]
    restarted = system.run("restart", "api")
    assert restarted.code == 1, "it runs, and is not healthy with that secret"
    assert "another secret; run: neuroplay doctor" in restarted.err
    wait_until(lambda: system.get("/health/live")[0] == 200, "the API answers")
    status, problem = system.post(
        "/api/v1/sign-in",
        {"class_code": demo["class_code"], "card_code": codes[0], "device_id": str(uuid4())},
    )
    assert (status, problem["code"]) == (503, "wrong_secret")
    assert str(system.home) not in problem["detail"]
    system.run("stop")

    line = refused(system)
    assert str(secret) in line
    assert "neuroplay serve --new-secret" in line
    secret.write_text(f"\ufeff{old.strip()}\r\n \n")
    again = system.json("serve", "--detach")["demo"]
    assert [one["card_code"] for one in again["students"]] == codes
    system.run("stop")

    secret.unlink()
    assert "--new-secret" in refused(system)
    started = system.run("serve", "--detach", "--new-secret", "--json")
    assert started.code == 0
    assert "Print all cards again" in started.err
    new = json.loads(started.out)["demo"]["students"]
    assert not set(codes) & {one["card_code"] for one in new}
    assert not [one for one in doctor(system) if one["name"] == "cards" and one["state"] != "ok"]
    system.run("stop")
    system.json("serve", "--detach")
    system.run("stop")


def doctor(system: Installation) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(system.run("doctor", "--json").out)["checks"]
    return found
