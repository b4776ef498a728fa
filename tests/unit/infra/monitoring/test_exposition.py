"""One exposition of several processes; restarts lose nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families as parse

WORKER = """
import sys
from neuroplay.infra.monitoring.metrics import *
GAME_SYNCS_TOTAL.labels("cyber_runner", "accepted").inc(int(sys.argv[1]))
API_RESPONSE_TIME.labels("/x").observe(0.3)
CACHE_READS_TOTAL.labels("hit").inc(3)
CACHE_READS_TOTAL.labels("miss").inc()
"""

SCRAPE = """
import sys
from neuroplay.infra.monitoring.exposition import fold_ended, multiprocess_dir
from neuroplay.infra.monitoring.monitoring import metrics_endpoint
if sys.argv[1:]:
    fold_ended(multiprocess_dir(), every_s=0)
sys.stdout.write(metrics_endpoint()[0].decode())
"""


def run(directory: Path, code: str, *arguments: str) -> str:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def values(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels.get("le", "")): sample.value
        for family in parse(text)
        for sample in family.samples
        if sample.labels.get("endpoint") in (None, "/x")
        and sample.labels.get("status") in (None, "accepted")
    }


def test_counts_of_ended_processes_stay_and_their_files_go(tmp_path: Path) -> None:
    run(tmp_path, WORKER, "2")
    run(tmp_path, WORKER, "5")
    first = values(run(tmp_path, SCRAPE))
    run(tmp_path, WORKER, "1")
    second = values(run(tmp_path, SCRAPE, "fold"))
    third = values(run(tmp_path, SCRAPE))
    assert first[("neuroplay_game_syncs_total", "")] == 7
    assert first[("neuroplay_api_response_seconds_bucket", "0.25")] == 0
    assert first[("neuroplay_api_response_seconds_bucket", "0.5")] == 2
    assert first[("neuroplay_cache_hit_rate", "")] == 0.75
    assert second[("neuroplay_game_syncs_total", "")] == 8
    assert third == second
    counts = {file.name for file in tmp_path.glob("*.db")}
    assert counts - {"counter_0.db", "histogram_0.db"} == set()


def test_living_processes_keep_their_files(tmp_path: Path) -> None:
    mine = tmp_path / f"counter_{os.getpid()}.db"
    run(tmp_path, WORKER, "2")
    ended = next(tmp_path.glob("counter_*.db"))
    mine.write_bytes(ended.read_bytes())
    assert values(run(tmp_path, SCRAPE, "fold"))[("neuroplay_game_syncs_total", "")] == 4
    assert mine.exists()
    assert not ended.exists()


def test_a_process_alone_tells_its_own_counts() -> None:
    from neuroplay.infra.monitoring.metrics import GAME_SYNCS_TOTAL
    from neuroplay.infra.monitoring.monitoring import metrics_endpoint

    GAME_SYNCS_TOTAL.labels("cyber_runner", "accepted").inc(0)
    body, status, headers = metrics_endpoint()
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    assert b"neuroplay_game_syncs_total" in body
