from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from cli.commands import metrics
from cli.commands.metrics import trend_figures, watched_page
from cli.output import terminal
from cli.output.sparkline import Trends


def look(endpoints: int) -> dict[str, Any]:
    """A look of --watch at a busy server with troubles."""
    times = {"p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 1234.5}
    return {
        "window_s": 15.0,
        "all": {"count": 9, "per_second": 3.2, "failed_share": 0.5, **times},
        "requests": [
            {"endpoint": f"/api/v1/number/{n}", "count": 9, "failed": 0, "per_second": 1.0, **times}
            for n in range(endpoints)
        ],
        "errors": [{"error_type": "StoreUnavailable", "component": "api", "count": 4}],
        "games": [{"game_type": "cyber_runner", "count": 5, "per_minute": 7.0}],
        "inbox": {"pending": 3, "processed": 500, "held": 2},
        "oldest_pending_s": 61.0,
        "active_users": 12,
        "workers": 1,
        "devices": {"holding": 1, "sessions": 3},
        "cache_hit_rate": 0.9,
        "host": {"cpu": 0.2, "memory": 0.4, "disk": 0.3},
        "sources": {"database": 1, "redis": 0},
    }


@pytest.mark.parametrize("endpoints", [0, 1, 5, 30])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (60, 24), (200, 24)])
def test_a_terminal_shows_all_that_a_pipe_gets_on_one_page(monkeypatch, endpoints, width, height):
    console = Console(width=width, height=height, highlight=False)
    monkeypatch.setattr(terminal, "out", lambda: console)
    monkeypatch.setattr(metrics, "out", lambda: console)
    trends, seen = Trends(), look(endpoints)
    for _ in range(100):
        trends.add(trend_figures(seen))

    page = Text.from_ansi(watched_page("2026-11-27T12:00:00Z", seen, trends, height)).plain

    lines = page.splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    for said in ("requests per second", "1 min 1 s", "unsent on tablets", "disk", "7 cyber_runner"):
        assert said in page
    assert "the redis does not answer" in page
    assert "4 x StoreUnavailable in api" in page
    if endpoints:
        assert "/api/v1/number/0" in page
    if endpoints == 30:
        assert " more" in page


def test_a_server_that_does_not_answer_is_told_on_the_page():
    assert "no answer" in watched_page("2026-11-27T12:00:00Z", "no answer from x", Trends(), 24)
