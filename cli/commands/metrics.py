"""`neuroplay metrics`: the running server's /metrics, summed up."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from cli.commands.health import ask
from cli.errors import CommandError, cannot
from cli.reach import get
from cli.terminal import Column, Json, duration, pairs, print_json, say, table

QUANTILES = (0.5, 0.95, 0.99)


def metrics(
    host: Annotated[
        str | None, typer.Option("--host", metavar="URL", help="Another server to ask.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Summarise requests, errors, the inbox and the workers of the running server.

    Counts and times are since the server started. Ends with 3 when it does not answer.

    Example:
        neuroplay metrics
        neuroplay metrics --host https://play.school.example --json
    """
    answer = get("/metrics", host=host)
    if answer.status != 200 or "neuroplay_" not in answer.text:
        raise cannot(
            f"{answer.url} has no metrics of NeuroPlay (HTTP {answer.status})",
            hint="Check the address and NEUROPLAY_PORT",
        )
    summary = summarise(answer.text) | {"workers": _workers(host)}
    if as_json:
        print_json(summary)
    else:
        _show(summary)


def summarise(exposition: str) -> dict[str, Any]:
    """The Prometheus text as {"requests", "errors", "inbox", "oldest_pending_s",
    "active_users", "syncs"}; times in milliseconds, None where nothing was measured."""
    samples = _Samples.of(exposition)
    return {
        "requests": _requests(samples),
        "errors": [
            {
                "error_type": labels["error_type"],
                "component": labels["component"],
                "count": int(value),
            }
            for labels, value in samples.all("neuroplay_errors_total")
            if value
        ],
        "syncs": _totals(samples.all("neuroplay_game_syncs_total"), "status"),
        "inbox": _totals(samples.all("neuroplay_inbox_items"), "state"),
        "oldest_pending_s": samples.one("neuroplay_inbox_oldest_seconds"),
        "active_users": samples.one("neuroplay_active_users"),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Samples:
    by_name: Mapping[str, list[tuple[dict[str, str], float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, exposition: str) -> _Samples:
        from prometheus_client.parser import text_string_to_metric_families

        found: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
        for family in text_string_to_metric_families(exposition):
            for sample in family.samples:
                found[sample.name].append((sample.labels, sample.value))
        return cls(by_name=found)

    def all(self, name: str) -> list[tuple[dict[str, str], float]]:
        return self.by_name.get(name, [])

    def one(self, name: str) -> float | None:
        values = [value for _, value in self.all(name) if not math.isnan(value)]
        return sum(values) if values else None


def _requests(samples: _Samples) -> list[dict[str, Any]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"count": 0, "failed": 0})
    for labels, value in samples.all("neuroplay_api_requests_total"):
        row = counts[labels["endpoint"]]
        row["count"] += int(value)
        row["failed"] += int(value) if labels["status"].startswith("5") else 0
    buckets: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for labels, value in samples.all("neuroplay_api_response_seconds_bucket"):
        buckets[labels["endpoint"]][float(labels["le"])] += value
    return [
        {"endpoint": endpoint, **row}
        | {f"p{q * 100:.0f}_ms": _milliseconds(quantile(buckets[endpoint], q)) for q in QUANTILES}
        for endpoint, row in sorted(counts.items(), key=lambda item: -item[1]["count"])
        if row["count"]
    ]


def quantile(buckets: Mapping[float, float], q: float) -> float | None:
    """The `q` quantile in seconds of cumulative histogram `buckets` (upper bound -> count),
    linear within a bucket; the last finite bound where it lies above; None without samples."""
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0
    if not total:
        return None
    rank, lower, below = q * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if math.isinf(bound):
                return lower
            inside = buckets[bound] - below
            return lower + (bound - lower) * ((rank - below) / inside if inside else 1.0)
        lower, below = bound, buckets[bound]
    return lower


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def _totals(samples: Iterable[tuple[dict[str, str], float]], label: str) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for labels, value in samples:
        totals[labels[label]] += int(value)
    return dict(totals)


def _workers(host: str | None) -> str | None:
    """What /health says of the workers; None where it says nothing."""
    try:
        state = ask(host)["checks"].get("celery")
    except CommandError:
        return None
    return None if state is None else str(state)


def _show(summary: Mapping[str, Any]) -> None:
    if summary["requests"]:
        table(
            [
                "ENDPOINT",
                *(
                    Column(name=name, right=True)
                    for name in ("REQUESTS", "FAILED", "P50 MS", "P95 MS", "P99 MS")
                ),
            ],
            [tuple(row.values()) for row in summary["requests"]],
        )
    else:
        say("No requests yet.")
    say()
    inbox = ", ".join(f"{count} {state}" for state, count in summary["inbox"].items() if count)
    pairs(
        [
            ("inbox", inbox or "empty"),
            ("oldest waits", duration(summary["oldest_pending_s"] or None)),
            ("workers", summary["workers"] or "unknown"),
            ("active users", summary["active_users"]),
            ("errors", sum(error["count"] for error in summary["errors"])),
        ]
    )
    for error in summary["errors"]:
        say(f"  {error['count']} x {error['error_type']} in {error['component']}")
