"""supervisor's configuration file for the programs of a home."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from neuroplay.home import control_socket
from neuroplay.infra.embedded.program import mark
from neuroplay.infra.supervision.child import MARK
from neuroplay.infra.supervision.programs import Program

LOG_BYTES, LOG_BACKUPS = "10MB", 4
"""Each program's log is rotated at this size; 50 MB a program at most."""

NEVER_GIVE_UP = 1_000_000


def write_configuration(path: Path, programs: Iterable[Program], *, runtime_dir: Path) -> None:
    """Write the file, readable by its owner alone.

    supervisor reads it with the home as its working folder: logs are named relative to that,
    since its file format cannot carry every path.
    """
    parts = [_section("supervisord", _daemon(runtime_dir))]
    parts.append(
        _section(
            "unix_http_server",
            {
                "file": str(control_socket(runtime_dir)),
                "chmod": "0700",
            },
        )
    )
    parts.append(
        _section(
            "rpcinterface:supervisor",
            {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
            },
        )
    )
    parts += [_section(f"program:{p.name}", _program(p, runtime_dir)) for p in programs]
    half = path.with_suffix(".new")
    half.touch(mode=0o600)
    half.write_text("\n".join(parts), encoding="utf-8")
    half.replace(path)


def _daemon(runtime_dir: Path) -> dict[str, object]:
    settings: dict[str, object] = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": "logs/supervisor.log",
        "logfile_maxbytes": LOG_BYTES,
        "logfile_backups": 1,
        "pidfile": runtime_dir / "supervisor.pid",
        "childlogdir": "logs",
        "nocleanup": "true",
        "minfds": 256,
        "minprocs": 16,
    }
    if os.geteuid() == 0:
        settings["user"] = 0  # it stays root, knowingly; PostgreSQL alone is made another user's
    return settings


def _program(program: Program, runtime_dir: Path) -> dict[str, object]:
    environment = {MARK: mark(runtime_dir, program.name), **program.environment}
    return {
        # Not the home, which lies in the import path of a python -m that starts there.
        "directory": "/",
        "command": " ".join(_word(part) for part in program.argv),
        "environment": _environment(environment),
        "priority": program.priority,
        "autostart": "true" if program.at_once else "false",
        "autorestart": "true",
        "startretries": NEVER_GIVE_UP,
        "stopsignal": program.stop_signal.name.removeprefix("SIG"),
        "stopwaitsecs": program.stop_patience_s,
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"logs/{program.name}.log",
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": LOG_BACKUPS,
    }


def _word(part: str) -> str:
    """An argument for supervisor: each odd character escaped on its own, so that no ' #' or ' ;'
    starts a comment, and no % an expansion."""
    return re.sub(r"([^A-Za-z0-9_./:=,@+%-])", r"\\\1", part).replace("%", "%%") or "''"


def _environment(values: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{value}"'.replace("%", "%%") for name, value in values.items())


def _section(name: str, values: Mapping[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in values.items()), ""])
