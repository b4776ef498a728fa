"""The chart's commands, settings and probes, as real processes with real servers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.chart import render, the
from tests.deploy.pod import Pod, secret_of_servers
from tests.integration.servers import wait_until

pytestmark = pytest.mark.deploy


@pytest.fixture
def secret() -> Iterator[dict[str, str]]:
    with secret_of_servers() as found:
        yield found


def test_pods_wait_for_the_migration_start_are_well_and_end_in_time(
    secret: dict[str, str], tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    manifests = render({"listen": "127.0.0.1"})
    api, worker, beat = (
        Pod(the(manifests, "Deployment", name), secret, tmp_path)
        for name in ("api", "worker", "beat")
    )
    job = Pod(the(manifests, "Job"), secret, tmp_path)
    (waits,) = api.spec["initContainers"]
    with api.running(waits) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(3)
        with job.running(job.main) as migrating:
            assert migrating.wait(60) == 0
        assert waiting.wait(60) == 0

    with ExitStack() as stack:
        running = [(pod, stack.enter_context(pod.running(pod.main))) for pod in (api, worker, beat)]
        for pod, _ in running:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                wait_until(lambda pod=pod, probe=probe: pod.is_well(probe), probe, 60)
        for pod, port in ((api, "http"), (worker, "metrics"), (beat, "metrics")):
            status, metrics = pod.get(port, "/metrics")
            assert status == 200
            assert "\nneuroplay_inbox_oldest_seconds 0.0\n" in metrics
        wait_until(lambda: "\nneuroplay_workers 1.0\n" in api.get("http", "/metrics")[1], "beats")
        assert api.get("http", "/openapi.json")[0] == 200
        for pod, process in reversed(running):
            assert pod.end(process) == 0
            assert not pod.is_well("livenessProbe")
    (request,) = [line for line in api.logs.splitlines() if '"route": "/openapi.json"' in line]
    assert json.loads(request)["status"] == 200
