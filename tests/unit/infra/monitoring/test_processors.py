from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuroplay.infra.monitoring.processors import usable_processors


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_without_a_quota_it_is_the_affinity(tmp_path: Path, own: Path) -> None:
    assert usable_processors(tmp_path / "none", own) == len(os.sched_getaffinity(0))
    write(own, "0::/\n")
    write(tmp_path / "cpu.max", "max 100000\n")
    assert usable_processors(tmp_path, own) == len(os.sched_getaffinity(0))


def test_the_smallest_quota_of_a_group_and_those_above_it_counts(tmp_path: Path, own: Path) -> None:
    write(own, "0::/system.slice/neuroplay.service\n")
    write(tmp_path / "system.slice" / "cpu.max", "30000 100000\n")
    write(tmp_path / "system.slice" / "neuroplay.service" / "cpu.max", "60000 100000\n")
    assert usable_processors(tmp_path, own) == 0.3


def test_groups_of_version_1_have_quotas_too(tmp_path: Path, own: Path) -> None:
    write(own, "4:memory:/pod\n2:cpu,cpuacct:/pod\n0::/\n")
    write(tmp_path / "cpu,cpuacct" / "cpu.cfs_quota_us", "-1\n")
    write(tmp_path / "cpu,cpuacct" / "pod" / "cpu.cfs_quota_us", "12000\n")
    write(tmp_path / "cpu,cpuacct" / "pod" / "cpu.cfs_period_us", "20000\n")
    assert usable_processors(tmp_path, own) == 0.6


def test_a_path_that_this_container_does_not_see_is_its_root(tmp_path: Path, own: Path) -> None:
    write(own, "0::/../elsewhere/of-the-host\n")
    write(tmp_path / "cpu.max", "50000 100000\n")
    assert usable_processors(tmp_path, own) == 0.5
