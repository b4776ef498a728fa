"""A base backup is compared with its manifest."""

from __future__ import annotations

import hashlib
import json

import pytest

from neuroplay.infra.db.dump_programs import BackupFailed
from neuroplay.infra.standby import manifest


def written(base, files):
    """A base backup with these files, as pg_basebackup writes its manifest."""
    listed = []
    for path, content in files.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        listed.append(
            {
                "Path": path,
                "Size": len(content),
                "Checksum-Algorithm": "SHA256",
                "Checksum": digest,
            }
        )
    ranges = [{"Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000120"}]
    head = json.dumps({"Files": listed, "WAL-Ranges": ranges})[:-1].encode() + b",\n"
    last = f'"Manifest-Checksum": "{hashlib.sha256(head).hexdigest()}"}}\n'
    (base / manifest.NAME).write_bytes(head + last.encode())
    (base / "pg_wal").mkdir()
    (base / "pg_wal" / "000000010000000000000002").write_bytes(b"wal")


@pytest.fixture
def base(tmp_path):
    written(tmp_path, {"PG_VERSION": b"18\n", "base/1/1259": bytes(8192)})
    return tmp_path


def test_what_is_as_it_was_written_passes(base):
    (found,) = manifest.verify(base)
    assert found == manifest.WalRange(timeline=1, start="0/2000028", end="0/2000120")


def test_a_changed_byte_is_found(base):
    (base / "base/1/1259").write_bytes(bytes(8191) + b"x")
    with pytest.raises(BackupFailed, match="base/1/1259 is damaged"):
        manifest.verify(base)


def test_a_missing_file_is_found(base):
    (base / "PG_VERSION").unlink()
    with pytest.raises(BackupFailed, match="PG_VERSION is missing"):
        manifest.verify(base)


def test_a_file_too_many_is_found(base):
    (base / "base/1/2600").touch()
    with pytest.raises(BackupFailed, match="base/1/2600 is not in the manifest"):
        manifest.verify(base)


@pytest.mark.parametrize(
    "damage",
    [lambda text: text.replace(b'"Size": 3', b'"Size": 4'), lambda text: text[: len(text) // 2]],
    ids=["a changed number", "cut off"],
)
def test_a_damaged_manifest_is_found(base, damage):
    file = base / manifest.NAME
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(BackupFailed, match="backup_manifest is damaged"):
        manifest.verify(base)


def test_without_a_manifest_nothing_passes(base):
    (base / manifest.NAME).unlink()
    with pytest.raises(BackupFailed, match="backup_manifest is missing"):
        manifest.verify(base)
