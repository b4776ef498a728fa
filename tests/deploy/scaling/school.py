"""The chart's values and the load, in proportion to a small machine.

A worker may use a twelfth of a core, and the CPU requests are a fifth and a tenth of the chart's:
so a few hundred students are enough for what takes many thousand on real nodes. All times of the
rules are divided by a factor; what a start or a game takes is not.
"""

from __future__ import annotations

from typing import Any

from tests.deploy.scaling.cluster import Setting
from tests.deploy.scaling.load import Load

VALUES: dict[str, Any] = {
    "listen": "127.0.0.1",
    "api": {"drainSeconds": 2, "resources": {"requests": {"cpu": "100m"}}},
    "worker": {"autoscaling": {"mode": "keda"}, "resources": {"requests": {"cpu": "50m"}}},
}

SHORT = Setting(
    values={
        **VALUES,
        "api": {**VALUES["api"], "autoscaling": {"maxReplicas": 5}},
        "worker": {
            **VALUES["worker"],
            # Otherwise the CPU alone may bring all workers that are needed.
            "autoscaling": {"mode": "keda", "maxReplicas": 4, "oldestPendingSeconds": 10},
        },
    },
    factor=15,
    worker_cores=0.08,
)
SHORT_LOADS = (
    Load(profile="soak", users=8, spawn_rate=8, run_time_s=130),
    Load(profile="monday", users=400, spawn_rate=100, run_time_s=45, begins_s=5),
    Load(profile="spike", users=300, spawn_rate=60, run_time_s=40, begins_s=25),
)
"""One wave: the spike begins before Monday's tablets have all been served."""

LONG = Setting(values=VALUES, factor=10, worker_cores=0.08)
LONG_LOADS = (
    Load(profile="soak", users=8, spawn_rate=8, run_time_s=290),
    Load(profile="monday", users=600, spawn_rate=100, run_time_s=40, begins_s=10),
    Load(profile="spike", users=300, spawn_rate=60, run_time_s=45, begins_s=180),
)
"""Two waves, with so much time between them that the first is over."""
