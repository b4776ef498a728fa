from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from neuroplay.config import Settings
from neuroplay.infra.supervision.configuration import write_configuration
from neuroplay.infra.supervision.programs import (
    API,
    ARENAS,
    BEAT,
    POSTGRES,
    REDIS,
    WORKER,
    Program,
)
from neuroplay.infra.supervision.programs import api as api_program


def read(path: Path, programs: list[Program], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What supervisor makes of the file, by program."""
    from supervisor.options import ServerOptions

    monkeypatch.chdir(path.parent)
    (path.parent / "logs").mkdir()
    write_configuration(path, programs, runtime_dir=path.parent)
    options = ServerOptions()
    options.realize(["-c", str(path)])
    return {group.name: group for group in options.process_group_configs}


def program(name: str, *argv: str) -> Program:
    return Program(name=name, argv=argv or ("true",), stop_patience_s=5)


@pytest.mark.parametrize(
    "word",
    [
        "plain",
        "with space",
        "a #comment",
        "a ;comment",
        "100%",
        "%(here)s",
        "it's",
        'a "quote"',
        "back\\slash",
        "",
        "açaí",
        "$HOME",
        "a=b,c",
    ],
)
def test_an_argument_reaches_its_program_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    found = read(tmp_path / "supervisor.conf", [program(API, "/bin/true", word)], monkeypatch)
    process = found[API].process_configs[0].make_process()
    assert process.get_execv_args()[1] == ["/bin/true", word]


def test_programs_stop_in_the_opposite_order_of_their_start_and_workers_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (BEAT, API, POSTGRES, WORKER, REDIS)
    found = read(tmp_path / "supervisor.conf", [program(name) for name in names], monkeypatch)
    rank = {name: group.priority for name, group in found.items()}
    assert rank[POSTGRES] < rank[REDIS] < rank[API] < rank[WORKER] == rank[BEAT]


def test_the_environment_marks_each_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(tmp_path / "supervisor.conf", [program(API)], monkeypatch)
    environment = found[API].process_configs[0].environment
    assert environment["NEUROPLAY_PROCESS"] == f"{tmp_path}:api"


@pytest.mark.parametrize(("named", "taken"), [(None, "2"), ("7", "7")])
def test_the_api_shares_few_pools_of_memory(
    monkeypatch: pytest.MonkeyPatch, named: str | None, taken: str
) -> None:
    monkeypatch.delenv(ARENAS, raising=False)
    if named:
        monkeypatch.setenv(ARENAS, named)
    assert api_program(Settings()).environment["MALLOC_ARENA_MAX"] == taken


def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "supervisor.conf"
    write_configuration(path, [], runtime_dir=tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
