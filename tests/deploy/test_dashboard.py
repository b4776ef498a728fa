"""The dashboard is what Grafana's own models know."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from make.dashboard import FILE
from tests.deploy.chart import ROOT
from tests.deploy.programs import PYTHON

pytestmark = pytest.mark.deploy


def problems(dashboard: dict[str, Any]) -> str:
    if not PYTHON.exists():
        pytest.fail("Grafana's models are not installed; to have them: make test-deploy")
    done = subprocess.run(
        [str(PYTHON), str(ROOT / "tests/deploy/validate_dashboard.py")],
        input=json.dumps(dashboard),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip()


def test_the_dashboard_is_valid_and_a_wrong_name_is_noticed() -> None:
    dashboard = json.loads(FILE.read_text())
    assert problems(dashboard) == ""
    dashboard["panels"][1]["options"]["graphmode"] = "area"
    assert problems(dashboard) == ".panels[1].options.graphmode: not known"
