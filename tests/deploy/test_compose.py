"""The Compose file: what it starts, and with which privileges."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from neuroplay import __version__
from neuroplay.config import Settings
from neuroplay.operation import programs
from tests.deploy.chart import ROOT, pods, render
from tests.deploy.programs import problems

FILE = ROOT / "deploy" / "compose.yaml"
EXAMPLE = ROOT / "deploy" / "neuroplay.env.example"
SERVING = ("api", "worker", "beat")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


def services() -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"]
    return found


def test_all_services_run_the_image_of_this_release() -> None:
    assert {one["image"] for one in services().values()} == {
        f"${{NEUROPLAY_IMAGE:-neuroplay:{__version__}}}"
    }


def test_every_service_runs_with_least_privilege() -> None:
    for name, one in services().items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert not one["user"].startswith("0"), name
        assert [place.split(":")[0] for place in one["tmpfs"]] == ["/tmp"], name
        assert "volumes" not in one, name
        assert "privileged" not in one, name


def test_the_others_start_after_the_migration_and_have_time_to_stop() -> None:
    settings = Settings(database_url="postgresql://a/b", redis_url="redis://a")
    for program in programs.programs(settings, SERVING, []):
        one = services()[program.name]
        condition = {"migrate": {"condition": "service_completed_successfully"}}
        assert one["depends_on"] == condition
        assert int(one["stop_grace_period"].removesuffix("s")) >= 2 * program.stop_patience_s
        assert one["healthcheck"]["test"] == ["CMD", "neuroplay", "status"]
        assert one["restart"] == "unless-stopped"


def test_it_listens_on_this_host_only_unless_told_otherwise() -> None:
    assert [name for name, one in services().items() if "ports" in one] == ["api"]
    assert services()["api"]["ports"] == ["${NEUROPLAY_BIND:-127.0.0.1:5000}:5000"]


def test_only_settings_that_exist_are_named() -> None:
    known = {Settings.variable(name) for name in Settings.table()}
    named = set(dotenv_values(EXAMPLE)) | {
        name for one in services().values() for name in one["environment"]
    }
    assert named <= known
    assert {"DATABASE_URL", "REDIS_URL", "NEUROPLAY_SECRET"} <= named


def test_the_example_contains_no_secret_that_would_work() -> None:
    example = dotenv_values(EXAMPLE)
    assert example["NEUROPLAY_SECRET"] == example["NEUROPLAY_OPS_TOKEN"] == ""
    assert "PASSWORD" in str(example["DATABASE_URL"])


def test_the_filled_in_file_is_never_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    env_files = set(re.findall(r"env_file: (\S+)", FILE.read_text()))
    assert {f"/deploy/{name}" for name in env_files} <= set(ignored)
    assert env_files


def invalid(document: dict[str, Any]) -> str:
    return problems("validate_compose.py", document)


@pytest.mark.deploy
def test_the_file_is_valid_and_a_wrong_name_is_noticed() -> None:
    document = compose()
    assert invalid(document) == ""
    document["services"]["api"]["readonly"] = True
    assert "services.api.readonly" in invalid(document)


@pytest.mark.deploy
def test_it_starts_what_the_chart_starts() -> None:
    manifests = render()
    started = {
        container["name"]: container["args"]
        for _, pod in pods(manifests)
        for container in pod["containers"]
    }
    assert {name: one["command"] for name, one in services().items()} == started
