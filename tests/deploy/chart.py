"""The chart as Helm renders it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.programs import helm

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "neuroplay"

NAMED = {"publicUrl": "https://play.school.example", "existingSecret": "neuroplay"}
"""The values without a default."""

Manifest = dict[str, Any]


def run_helm(*arguments: str, values: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
    program = helm()
    if program is None:
        pytest.fail("there is no Helm; to have it: make test-deploy")
    return subprocess.run(
        [program, *arguments, "--values", "-"],
        input=yaml.safe_dump(dict(values)),
        capture_output=True,
        text=True,
        check=False,
    )


def render(values: Mapping[str, Any] | None = None, *arguments: str) -> list[Manifest]:
    """The manifests for NAMED and `values`."""
    done = run_helm(
        *("template", "school", str(CHART), "--namespace", "games", *arguments),
        values={**NAMED, **(values or {})},
    )
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def refusal(values: Mapping[str, Any]) -> str:
    """What Helm says about values that it refuses."""
    done = run_helm("template", "school", str(CHART), values={**NAMED, **values})
    assert done.returncode != 0, "these values were accepted"
    return done.stderr


def of_kind(manifests: list[Manifest], kind: str, component: str | None = None) -> list[Manifest]:
    """Those of one kind; of one component only, if that is named."""
    return [
        one
        for one in manifests
        if one["kind"] == kind
        and component in (None, one["metadata"]["labels"].get("app.kubernetes.io/component"))
    ]


def the(manifests: list[Manifest], kind: str, component: str | None = None) -> Manifest:
    (found,) = of_kind(manifests, kind, component)
    return found


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """(name, pod template's spec) of everything that runs."""
    for one in manifests:
        if one["kind"] in ("Deployment", "Job"):
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", ()), *pod["containers"]]
