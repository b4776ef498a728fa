"""Courses and the seeds that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.chaos import schedule
from tests.acceptance.chaos.faults import QUICK, Storm
from tests.acceptance.chaos.schedule import (
    ALWAYS,
    Run,
    a_backup_is_made,
    a_backup_is_restored,
    course,
    kept,
)


@pytest.mark.parametrize("seed", range(50))
def test_a_course_has_what_it_needs_in_an_order_that_can_be(seed: int) -> None:
    steps = course(seed, QUICK, 4)
    assert {*ALWAYS} <= {*steps}
    assert len({*steps} & {*QUICK}) == 4
    assert steps.index(a_backup_is_made) < steps.index(a_backup_is_restored)
    assert steps == course(seed, QUICK, 4)


def test_seeds_give_different_courses() -> None:
    assert len({tuple(course(seed, QUICK, 4)) for seed in range(50)}) > 40


@dataclass
class Broken:
    """A ground on which the first thing that is done fails."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"waited in vain: {name}")


def test_a_seed_that_fails_is_kept_once_for_its_ground(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("# a remark\nStorm 1 6 counted twice\n")
    monkeypatch.setattr(schedule, "SEEDS", seeds)
    run: Run[Any] = Run(ground=Broken(), seed=41, faults=[], length=0)
    for _ in range(2):
        with pytest.raises(AssertionError, match="waited in vain"):
            run.through()
    assert kept(Storm) == [(1, 6)]
    assert kept(Broken) == [(41, 0)]
    assert seeds.read_text().count("Broken 41 0 waited in vain: ") == 1
