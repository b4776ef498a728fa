"""The checks before a start that need no server."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuroplay.config import load_settings
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.operation.serving.checks import check_https, check_volume

ROOT = "22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/layers"


EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def mounts(tmp_path: Path):
    def written(*lines: str) -> Path:
        file = tmp_path / "mountinfo"
        file.write_text("\n".join([ROOT, *lines]) + "\n")
        return file

    return written


@pytest.fixture(autouse=True)
def no_servers_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_a_home_on_a_volume_or_below_one_outlasts_the_container(mounts) -> None:
    volume = mounts("90 22 8:1 /volumes/neuroplay/_data /data rw - ext4 /dev/sda1 rw")
    for home in ("/data", "/data/neuroplay"):
        check_volume(load_settings(home=home), volume)


def test_a_volume_whose_path_has_a_space_is_found(mounts) -> None:
    volume = mounts(r"90 22 8:1 / /our\040data rw - ext4 /dev/sda1 rw")
    check_volume(load_settings(home="/our data"), volume)


@pytest.mark.parametrize(
    "line",
    [
        "90 22 8:1 / /database rw - ext4 /dev/sda1 rw",
        "90 22 0:46 / /data rw,nosuid - tmpfs tmpfs rw",
    ],
    ids=["a volume elsewhere", "memory"],
)
def test_a_home_inside_the_container_or_in_memory_does_not(mounts, line: str) -> None:
    with pytest.raises(CannotStart, match="neither a volume at /data nor DATABASE_URL") as refused:
        check_volume(load_settings(home="/data"), mounts(line))
    assert "--volume neuroplay:/data" in (refused.value.hint or "")


def test_a_database_outside_needs_no_volume(mounts) -> None:
    settings = load_settings(home="/data", database_url="postgresql://neuroplay@db/neuroplay")
    check_volume(settings, mounts())


@pytest.mark.parametrize("url", ["http://localhost:5000", "http://127.0.0.1:5000"])
def test_all_addresses_may_be_listened_on_if_only_this_machine_is_the_public_address(
    url: str,
) -> None:
    settings = load_settings(host=EVERYWHERE, public_url=url)
    assert check_https(settings, insecure=False) == ""


@pytest.mark.parametrize("url", ["", "http://school.example:5000"])
def test_other_public_addresses_need_https(url: str) -> None:
    with pytest.raises(CannotStart, match="a public address without HTTPS"):
        check_https(load_settings(host=EVERYWHERE, public_url=url), insecure=False)
