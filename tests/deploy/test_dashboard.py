"""The dashboard is what Grafana's own models know."""

from __future__ import annotations

import json

import pytest

from make.dashboard import FILE
from tests.deploy.programs import problems

pytestmark = pytest.mark.deploy


def test_the_dashboard_is_valid_and_a_wrong_name_is_noticed() -> None:
    dashboard = json.loads(FILE.read_text())
    assert problems("validate_dashboard.py", dashboard) == ""
    dashboard["panels"][1]["options"]["graphmode"] = "area"
    assert problems("validate_dashboard.py", dashboard) == ".panels[1].options.graphmode: not known"
