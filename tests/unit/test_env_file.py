from __future__ import annotations

import grp
import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from neuroplay.config import load_settings
from neuroplay.core.errors import SettingsError

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of ours in one where everybody writes and nobody removes what is ours."""
    monkeypatch.delenv("NEUROPLAY_PORT", raising=False)
    with tempfile.TemporaryDirectory(prefix="np-env-", dir="/tmp") as name:
        place = Path(name) / "deep" / "here"
        place.mkdir(parents=True)
        monkeypatch.chdir(place)
        yield place


def write(folder: Path, content: bytes = b"NEUROPLAY_PORT=6123\n", mode: int = 0o600) -> Path:
    file = folder / ".env"
    file.write_bytes(content)
    file.chmod(mode)
    return file


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings()
    return f"{refused.value.message}. {refused.value.hint}"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400])
def test_a_file_of_ours_is_obeyed(folder: Path, mode: int) -> None:
    write(folder, mode=mode)
    assert load_settings().port == 6123


def test_no_file_and_a_folder_of_that_name_are_nothing(folder: Path) -> None:
    assert load_settings().port == 5000
    (folder / ".env").mkdir()
    assert load_settings().port == 5000


def test_a_byte_order_mark_is_passed_over(folder: Path) -> None:
    write(folder, b"\xef\xbb\xbfNEUROPLAY_PORT=6124\n")
    assert load_settings().port == 6124


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o664, 0o777])
def test_a_file_that_others_may_write_is_refused(folder: Path, mode: int) -> None:
    file = write(folder, mode=mode)
    assert f"{file}, which can be written by other users" in refusal()
    assert f"chmod go-w {file}" in refusal()


@pytest.mark.parametrize("above", [0, 1])
def test_a_folder_that_others_may_write_is_refused(folder: Path, above: int) -> None:
    write(folder)
    (place := [folder, *folder.parents][above]).chmod(0o777)
    assert f"its folder {place} can be written by other users" in refusal()
    place.chmod(0o1777)
    assert load_settings().port == 6123, "where nobody removes what is somebody else's"


@AS_ROOT
@pytest.mark.parametrize("which", ["file", "folder", "above", "link", "target", "target's folder"])
def test_a_strangers_is_refused(folder: Path, which: str) -> None:
    file = write(folder)
    elsewhere = folder.parent.parent / "elsewhere"
    elsewhere.mkdir()
    if which in ("link", "target", "target's folder"):
        file.rename(elsewhere / "theirs")
        file.symlink_to(elsewhere / "theirs")
        assert load_settings().port == 6123
    given = {
        "file": file,
        "folder": folder,
        "above": folder.parent,
        "link": file,
        "target": elsewhere / "theirs",
        "target's folder": elsewhere,
    }[which]
    os.chown(given, pwd.getpwnam("nobody").pw_uid, -1, follow_symlinks=False)
    assert "belongs to nobody" in refusal()


@AS_ROOT
def test_a_group_of_the_owner_alone_is_nobody_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Fedora and Debian make one for each person, with folders that the group may write."""
    write(folder)
    folder.chmod(0o775)
    assert "can be written by other users" in refusal()
    maria = pwd.struct_passwd(("maria", "x", 54321, 54321, "", "/home/maria", "/bin/sh"))
    alone = grp.struct_group(("maria", "x", 54321, []))
    shared = grp.struct_group(("maria", "x", 54321, ["joana"]))
    for place in (folder, folder / ".env"):
        os.chown(place, 54321, 54321)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: maria)
    monkeypatch.setattr(grp, "getgrgid", lambda _: alone)
    assert load_settings().port == 6123
    monkeypatch.setattr(grp, "getgrgid", lambda _: shared)
    assert "can be written by other users" in refusal()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# \xe9cole\nNEUROPLAY_PORT=6123\n", "not UTF-8, see its line 1"),
        (b"NEUROPLAY_PORT=6123\nENVIRONMENT=\xe9cole\n", "not UTF-8, see its line 2"),
        ("NEUROPLAY_PORT=6123\n".encode("utf-16"), "is UTF-16"),
        (b"\xfe\xff" + "NEUROPLAY_PORT=6123\n".encode("utf-16-be"), "is UTF-16"),
        (b"A=1\nB=\0\n", "line 2 with a zero byte"),
        (b"#" * (1 << 20) + b"\n\n", "larger than 1 MiB"),
    ],
)
def test_what_is_no_text_is_named_with_its_line(folder: Path, content: bytes, said: str) -> None:
    file = write(folder, content)
    assert str(file) in refusal()
    assert said in refusal()


@pytest.mark.parametrize("how", ["unset", "empty"])
def test_without_a_home_folder_neuroplay_home_is_named(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """A user of a container that no passwd knows."""
    monkeypatch.delenv("NEUROPLAY_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if how == "unset":
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", "")

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.chdir("/")
    assert "no home folder" in refusal()
    assert "NEUROPLAY_HOME" in refusal()
