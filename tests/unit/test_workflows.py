"""Checks of .github/workflows that actionlint lacks: pinned actions, permissions, timeouts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))

PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(workflow: Path) -> None:
    used = re.findall(r"uses: (.+)", workflow.read_text())
    assert used
    for action in used:
        assert PINNED.fullmatch(action), f"{workflow.name}: pin {action} to a commit"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_the_code_and_nothing_else(workflow: Path) -> None:
    text = workflow.read_text()
    assert re.findall(r"permissions:\n((?:  .+\n)+)", text) == ["  contents: read\n"]
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_run_ends_and_none_runs_beside_itself(workflow: Path) -> None:
    text = workflow.read_text()
    assert text.count("timeout-minutes:") == text.count("runs-on:") > 0
    assert "\nconcurrency:\n" in text
