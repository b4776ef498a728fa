"""The figures of `benchmarks cores`, from runs with known costs."""

from __future__ import annotations

import pytest

from benchmarks.groups import cores
from benchmarks.harness.capacity import Costs

RUN = (
    1000.0,
    Costs(
        cpu_s={"client": 0.0001, "api": 0.0010, "worker": 0.0004, "postgres": 0.0005, "redis": 0.0},
        log_bytes=5_000,
    ),
)


def test_the_model_is_held_against_what_was_measured() -> None:
    found = {
        one.name: one
        for one in cores.figures_of(two_cores=[RUN], one_core=[RUN], two_hosts=[RUN, RUN])
    }

    def ratio(name: str) -> float:
        return found[f"{name}: measured to predicted"].values[0]

    # The client's time counts where it shares the servers' processors.
    two_cores = ratio("one host, 2 cores (which the model is made from)")
    assert two_cores == pytest.approx(1000 * 0.0020 / 2)
    assert ratio("one host, 1 core") == pytest.approx(1000 * 0.0019)
    two_hosts = "two hosts of 1 core: API; database, worker"
    assert ratio(two_hosts) == pytest.approx(1000 * 0.0010)
    assert len(found[f"{two_hosts}: measured"].values) == 2
    assert sum(found["a request, all servers"].values) == pytest.approx(1.9)
    large = found["predicted: one host, 16 cores"]
    assert sum(large.values) == pytest.approx(16 * 0.8 / 0.0019)
    assert large.note == "limited by the host; 9 API processes; 34 MB/s of log"
    spread = found["predicted: database of 4 cores, 2 hosts of 4"]
    assert sum(spread.values) == pytest.approx(2 * 4 * 0.8 / 0.0014)
