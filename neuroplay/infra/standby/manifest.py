"""Compares a base backup with its manifest, as pg_verifybackup does.

The pg_verifybackup in the wheel of PostgreSQL 18 crashes at its start, and that of another release
reads no manifest of this one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroplay.infra.db.dump_programs import CHUNK_BYTES, BackupFailed

NAME = "backup_manifest"
ALGORITHM = "SHA256"
"""What pg_basebackup is asked for: Python has it, and not the CRC that is usual."""

NOT_LISTED = (NAME, "postgresql.auto.conf", "recovery.signal", "standby.signal")
WAL = "pg_wal"
_LAST_LINE = b'"Manifest-Checksum": "'


@dataclass(frozen=True, kw_only=True, slots=True)
class WalRange:
    """The WAL that makes the base backup consistent."""

    timeline: int
    start: str
    end: str


def verify(base: Path) -> list[WalRange]:
    """The WAL ranges of a base backup whose files are all as they were written. Raises BackupFailed
    for the first that is not, OSError."""
    manifest = _read(base / NAME)
    listed = {_path_of(one): one for one in manifest["Files"]}
    for path, one in listed.items():
        _check_file(base / path, path, one)
    for path in _files(base):
        if path not in listed:
            raise BackupFailed(f"{base / path} is not in the manifest")
    return [
        WalRange(timeline=one["Timeline"], start=one["Start-LSN"], end=one["End-LSN"])
        for one in manifest["WAL-Ranges"]
    ]


def _read(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise BackupFailed(f"{file} is missing") from None
    at = content.rfind(_LAST_LINE)
    wanted = content[at + len(_LAST_LINE) :].partition(b'"')[0].decode(errors="replace")
    if at < 0 or hashlib.sha256(content[:at]).hexdigest() != wanted:
        raise BackupFailed(f"{file} is damaged: its checksum differs")
    read: dict[str, Any] = json.loads(content)
    return read


def _path_of(one: dict[str, Any]) -> str:
    """A name that is not UTF-8 is written as hexadecimal digits."""
    if "Path" in one:
        return str(one["Path"])
    return os.fsdecode(bytes.fromhex(one["Encoded-Path"]))


def _check_file(file: Path, path: str, one: dict[str, Any]) -> None:
    if one.get("Checksum-Algorithm") != ALGORITHM:
        raise BackupFailed(f"{path} has no {ALGORITHM} checksum in the manifest")
    found, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                found.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        raise BackupFailed(f"{file} is missing") from None
    if size != one["Size"] or found.hexdigest() != one["Checksum"]:
        raise BackupFailed(f"{file} is damaged: its checksum differs")


def _files(base: Path) -> Iterator[str]:
    """The files that the manifest must list."""
    for where, below, names in os.walk(base):
        inside = Path(where).relative_to(base)
        if inside == Path():
            below[:] = [name for name in below if name != WAL]
        for name in names:
            path = str(inside / name)
            if path not in NOT_LISTED:
                yield path
