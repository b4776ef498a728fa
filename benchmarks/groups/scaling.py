"""The chart's autoscaling under a Monday morning and a spike, and its picture in docs/images.

Needs root, Helm (`make test-deploy` installs it), Prometheus and HAProxy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import machine
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.place import ROOT

if TYPE_CHECKING:
    from tests.deploy.scaling.scenario import Outcome

PICTURE = ROOT / "docs" / "images" / "scaling.svg"


def measure(options: Options) -> list[Figure]:
    from tests.deploy.scaling import group
    from tests.deploy.scaling.plot import picture
    from tests.deploy.scaling.scenario import played
    from tests.deploy.scaling.school import LONG, LONG_LOADS

    if reason := group.why_not():
        raise SystemExit(f"Error: the CPU of a pod cannot be measured: {reason}")
    found = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="neuroplay-scaling-", dir="/tmp") as name:
            Path(name).chmod(0o755)
            found.append(played(LONG, LONG_LOADS, Path(name)))
        commit = machine.described()["commit"]
        about = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}: python -m benchmarks scaling"
        PICTURE.write_text(picture(found[-1], about))
    return [
        *(
            _of_loads(name, found, key)
            for name, key in (
                ("lost sessions", "lost"),
                ("sessions counted twice", "counted_twice"),
                ("failed requests", "failures"),
            )
        ),
        *(
            Figure(
                name=f"most pods, {name}", unit="", values=tuple(one.most(name) for one in found)
            )
            for name in ("api", "worker")
        ),
        Figure(
            name="times that pods went and came, or came and went, within a window",
            unit="",
            values=tuple(float(one.flaps) for one in found),
            aim=0,
        ),
        Figure(
            name="pods that ended by themselves in time",
            unit="",
            values=tuple(float(sum(end.code == 0 for end in one.ended)) for one in found),
        ),
        Figure(
            name="pods that did not",
            unit="",
            values=tuple(float(sum(end.code != 0 for end in one.ended)) for one in found),
            aim=0,
        ),
        Figure(
            name="slowest end after SIGTERM",
            unit="s",
            values=tuple(max(end.took_s for end in one.ended) for one in found),
        ),
        Figure(
            name="oldest pending game",
            unit="s",
            values=tuple(max(age for _, age in one.oldest) for one in found),
        ),
    ]


def _of_loads(name: str, found: Sequence[Outcome], key: str) -> Figure:
    sums = [sum(result["figures"][key] for result in one.results) for one in found]
    return Figure(
        name=name,
        unit="",
        values=tuple(map(float, sums)),
        aim=0,
        note="; ".join(
            f"{result['profile']}: {result['errors']}"
            for one in found
            for result in one.results
            if result["figures"][key]
        ),
    )
