"""The chart's autoscaling under a Monday morning and a spike, and its picture in docs/images.

Needs root, Helm (`make test-deploy` installs it), Prometheus and HAProxy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import machine
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.place import ROOT

PICTURE = ROOT / "docs" / "images" / "scaling.svg"


def measure(options: Options) -> list[Figure]:
    from tests.deploy.scaling import group
    from tests.deploy.scaling.load import failures
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
        _summed("lost sessions", [[one["figures"]["lost"] for one in o.results] for o in found]),
        _summed(
            "sessions counted twice",
            [[one["figures"]["counted_twice"] for one in o.results] for o in found],
        ),
        _summed(
            "failed requests",
            [[sum(failures(one).values()) for one in o.results] for o in found],
        ),
        _summed("changes taken back within a window, at the same load", [[o.flaps] for o in found]),
        _summed(
            "pods that did not end by themselves in time",
            [[one.code != 0 for one in o.ended] for o in found],
        ),
        Figure(
            name="pods that were ended", unit="", values=tuple(float(len(o.ended)) for o in found)
        ),
        *(
            Figure(
                name=f"most pods, {name}", unit="", values=tuple(float(o.most(name)) for o in found)
            )
            for name in ("api", "worker")
        ),
        Figure(
            name="slowest end after SIGTERM",
            unit="s",
            values=tuple(max(one.took_s for one in o.ended) for o in found),
        ),
        Figure(
            name="oldest pending game",
            unit="s",
            values=tuple(max(age for _, age in o.oldest) for o in found),
        ),
    ]


def _summed(name: str, runs: Sequence[Sequence[float]]) -> Figure:
    """A figure of which there should be none."""
    return Figure(name=name, unit="", values=tuple(float(sum(one)) for one in runs), aim=0)
