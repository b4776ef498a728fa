"""What the arguments of a container become, and how its first process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.container import ROLES, command_line
from cli.main import COMMANDS


def test_a_container_without_arguments_serves_everything() -> None:
    assert command_line([]) == ["serve"]


@pytest.mark.parametrize("role", ["api", "worker", "beat"])
def test_a_role_serves_one_part_and_takes_the_options_of_serve(role: str) -> None:
    assert command_line([role]) == ["serve", "--only", role]
    assert command_line([role, "--port", "80"]) == ["serve", "--only", role, "--port", "80"]


def test_migrate_migrates() -> None:
    assert command_line(["migrate", "--json"]) == ["db", "migrate", "--json"]


def test_everything_else_is_a_command_of_neuroplay_and_no_role_hides_one() -> None:
    assert command_line(["doctor", "--json"]) == ["doctor", "--json"]
    assert not ROLES.keys() & COMMANDS.keys()


def container(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.container", *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_container_without_volume_and_database_says_so_and_exits_with_3() -> None:
    ended = container(NEUROPLAY_HOME="/dev/shm/neuroplay")
    assert ended.returncode == 3
    assert ended.stderr == (
        "Error: there is neither a volume at /dev/shm/neuroplay nor DATABASE_URL, so all games "
        "would be lost with this container. Add a volume: --volume "
        "neuroplay:/dev/shm/neuroplay, or set DATABASE_URL and REDIS_URL to servers outside\n"
    )


def test_a_role_names_the_servers_that_it_lacks_and_exits_with_3() -> None:
    ended = container("worker", NEUROPLAY_HOME="/dev/shm/neuroplay")
    assert ended.returncode == 3
    assert "DATABASE_URL and REDIS_URL are not set" in ended.stderr


def test_migrate_says_that_it_lacks_a_database_and_exits_with_3() -> None:
    ended = container("migrate", NEUROPLAY_HOME="/dev/shm/neuroplay")
    assert ended.returncode == 3
    assert "this role needs a database outside of the container" in ended.stderr
    assert "DATABASE_URL is not set" in ended.stderr


ENDED_WHILE_MIGRATING = """
import os, signal, cli.container
cli.container.main = lambda command: os.kill(os.getpid(), signal.SIGTERM)
try:
    cli.container.run(["migrate"])
except KeyboardInterrupt:
    print("ended as by Ctrl-C")
"""


def test_sigterm_ends_a_command_that_has_no_handler_of_its_own() -> None:
    """As process 1 it would otherwise go on until the engine kills it."""
    before = signal.getsignal(signal.SIGTERM)
    assert before is signal.SIG_DFL
    ended = subprocess.run(
        [sys.executable, "-c", ENDED_WHILE_MIGRATING],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "ended as by Ctrl-C\n"
