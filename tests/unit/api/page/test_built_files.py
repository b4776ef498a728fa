from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.datastructures import Accept

from neuroplay.api.page.built_files import RECHECK_S, Files
from tests.fakes.services import FakeSeconds


@pytest.fixture
def clock() -> FakeSeconds:
    return FakeSeconds()


@pytest.fixture
def files(tmp_path: Path, clock: FakeSeconds) -> Files:
    return Files(tmp_path, clock=clock)


PLAIN, BROTLI = Accept([]), Accept([("br", 1.0)])


def test_a_file_is_read_once_and_again_when_it_changed(
    files: Files, tmp_path: Path, clock: FakeSeconds
) -> None:
    (tmp_path / "sw.js").write_text("one")
    first = files.find("sw.js", PLAIN)
    assert first is not None
    assert (first.body, first.mimetype, first.encoding) == (b"one", "text/javascript", None)
    (tmp_path / "sw.js").write_text("a newer one")
    assert files.find("sw.js", PLAIN) is first
    clock.now += RECHECK_S
    second = files.find("sw.js", PLAIN)
    assert second is not None
    assert second.body == b"a newer one"
    assert second.etag != first.etag
    clock.now += RECHECK_S
    assert files.find("sw.js", PLAIN) is second


def test_a_file_that_is_gone_is_gone(files: Files, tmp_path: Path, clock: FakeSeconds) -> None:
    (tmp_path / "sw.js").write_text("one")
    assert files.find("sw.js", PLAIN)
    assert len(files) == 1
    (tmp_path / "sw.js").unlink()
    clock.now += RECHECK_S
    assert files.find("sw.js", PLAIN) is None
    assert files.find("never.js", PLAIN) is None
    assert len(files) == 0


def test_the_same_bytes_have_the_same_tag_and_each_encoding_its_own(
    files: Files, tmp_path: Path
) -> None:
    for name in ("a.js", "b.js"):
        (tmp_path / name).write_text("same")
    (tmp_path / "a.js.br").write_bytes(b"brotli")
    found = [files.find("a.js", PLAIN), files.find("b.js", BROTLI), files.find("a.js", BROTLI)]
    first, same, compressed = (file for file in found if file is not None)
    assert first.etag == same.etag != compressed.etag
    assert (compressed.mimetype, compressed.encoding) == ("text/javascript", "br")


@pytest.mark.parametrize("by_its_own_name_first", [True, False])
def test_a_compressed_file_that_is_asked_for_by_name_is_another_file(
    files: Files, tmp_path: Path, by_its_own_name_first: bool
) -> None:
    (tmp_path / "a.js").write_text("plain")
    (tmp_path / "a.js.br").write_bytes(b"brotli")
    if by_its_own_name_first:
        assert files.find("a.js.br", BROTLI)
    for _ in range(2):
        asked, by_name = files.find("a.js", BROTLI), files.find("a.js.br", BROTLI)
        assert asked is not None
        assert by_name is not None
        assert (asked.mimetype, asked.encoding) == ("text/javascript", "br")
        assert (by_name.mimetype, by_name.encoding) == ("application/octet-stream", None)
