"""Write deploy/grafana/neuroplay-dashboard.json from the table ROWS: python -m make.dashboard"""

from __future__ import annotations

import json
from pathlib import Path

from make.grafana import SOURCE, UP, Line, Panel, Row, lines, per_second, placed, quantile, stat

FILE = Path(__file__).parents[1] / "deploy" / "grafana" / "neuroplay-dashboard.json"

REQUESTS = 'endpoint!~"/health.*|/metrics"'
"""Leaves out requests about the system itself."""

SECONDS = "neuroplay_api_response_seconds"
SYNCS = "neuroplay_game_syncs_total"


def host(title: str, metric: str, limit: float) -> Panel:
    return lines(title, {"{{instance}}": metric}, unit="percentunit", limit=limit)


# Counters and histograms are rates; of a histogram only the count is shown.
RATED = '__name__="$metric", __name__{}".+_(total|count)"'

EVERY_METRIC = {
    **lines(
        "$metric",
        {
            "per second": per_second("", RATED.format("=~")),
            "now": f"sum({{{RATED.format('!~')}}})",
        },
        stacked=True,
        about="Counters per second, gauges as they are",
    ),
    "repeat": "metric",
    "repeatDirection": "h",
    "maxPerRow": 4,
}

ROWS = (
    Row(
        "Is it up",
        (
            Line(
                5,
                (
                    stat("Machines up", 'sum(up{job="neuroplay"})', UP),
                    stat(
                        "Sources up",
                        "min by (source) (neuroplay_source_up)",
                        UP,
                        legend="{{source}}",
                        about="Database, Redis and host metrics; 0 if a source does not respond. "
                        "See deploy/runbooks/source-down.md",
                    ),
                    stat(
                        "Workers",
                        "max(neuroplay_workers)",
                        UP,
                        about="Worker processes with a recent heartbeat, on all machines",
                    ),
                    stat(
                        "Copied to the standby",
                        "min(neuroplay_standby_up)",
                        UP,
                        about="1 if accepted games are copied before they are acknowledged; "
                        "empty without NEUROPLAY_WAL_DIR. See deploy/runbooks/standby-away.md",
                    ),
                    stat(
                        "Failed requests",
                        "("
                        + per_second("neuroplay_api_requests_total", f'status=~"5..",{REQUESTS}')
                        + " or vector(0)) / "
                        + per_second("neuroplay_api_requests_total", REQUESTS),
                        {None: "green", 0.001: "orange", 0.01: "red"},
                        unit="percentunit",
                    ),
                    stat(
                        "Response time p95",
                        quantile(0.95, SECONDS, REQUESTS),
                        {None: "green", 0.25: "orange", 0.5: "red"},
                        unit="s",
                    ),
                    stat(
                        "Oldest pending session",
                        "max(neuroplay_inbox_oldest_seconds)",
                        {None: "green", 60: "orange", 300: "red"},
                        unit="s",
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Is it fast",
        (
            Line(
                8,
                (
                    lines(
                        "Requests per second",
                        {
                            "{{endpoint}}": per_second(
                                "neuroplay_api_requests_total", REQUESTS, "endpoint"
                            )
                        },
                        unit="reqps",
                        stacked=True,
                    ),
                    lines(
                        "Response time",
                        {
                            "p50": quantile(0.5, SECONDS, REQUESTS),
                            "p95": quantile(0.95, SECONDS, REQUESTS),
                            "p99": quantile(0.99, SECONDS, REQUESTS),
                        },
                        unit="s",
                        limit=0.5,
                    ),
                    lines(
                        "p95 by endpoint",
                        {"{{endpoint}}": quantile(0.95, SECONDS, REQUESTS, "le, endpoint")},
                        unit="s",
                        limit=0.5,
                    ),
                ),
            ),
            Line(
                7,
                (
                    lines(
                        "Responses by status",
                        {
                            "{{status}}": per_second(
                                "neuroplay_api_requests_total", REQUESTS, "status"
                            )
                        },
                        unit="reqps",
                        stacked=True,
                    ),
                    lines(
                        "Errors by type",
                        {
                            "{{component}}: {{error_type}}": per_second(
                                "neuroplay_errors_total", by="error_type, component"
                            )
                        },
                        unit="ops",
                    ),
                    lines(
                        "Processing time of a session",
                        {
                            "p50": quantile(0.5, "neuroplay_game_processing_seconds"),
                            "p95": quantile(0.95, "neuroplay_game_processing_seconds"),
                        },
                        unit="s",
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Is anything stuck",
        (
            Line(
                8,
                (
                    lines(
                        "Pending sessions",
                        {
                            "pending": 'max(neuroplay_queue_size{queue_name="sync_inbox"})',
                            "tasks in Celery's queue": (
                                'max(neuroplay_queue_size{queue_name="neuroplay"})'
                            ),
                        },
                        limit=1000,
                    ),
                    lines(
                        "Oldest pending session",
                        {"oldest": "max(neuroplay_inbox_oldest_seconds)"},
                        unit="s",
                        limit=300,
                    ),
                    lines(
                        "Sessions that need attention",
                        {
                            "{{state}}": "max by (state) "
                            '(neuroplay_inbox_items{state=~"failed|held|invalid|conflict"})'
                        },
                        about="neuroplay sync list --state …",
                    ),
                ),
            ),
            Line(
                7,
                (
                    lines(
                        "Receipts per second",
                        {
                            "{{status}}": per_second(
                                SYNCS, 'status=~"accepted|duplicate|conflict|invalid"', "status"
                            )
                        },
                        unit="ops",
                        stacked=True,
                    ),
                    lines(
                        "Sessions processed per second",
                        {
                            "{{status}}": per_second(
                                SYNCS, 'status=~"processed|held|failed|pending"', "status"
                            )
                        },
                        unit="ops",
                        stacked=True,
                    ),
                    lines(
                        "Sessions verified from their traces",
                        {"{{verdict}}": per_second("neuroplay_verifications_total", by="verdict")},
                        unit="ops",
                    ),
                ),
            ),
            Line(
                7,
                (
                    lines(
                        "Connections to the API",
                        {"{{stage}}": "sum by (stage) (neuroplay_api_connections)"},
                        stacked=True,
                    ),
                    lines(
                        "Refused requests",
                        {"{{reason}}": per_second("neuroplay_api_turned_away_total", by="reason")},
                        unit="reqps",
                        stacked=True,
                        about="More requests than can be answered: docs/api.md, Too many requests.",
                    ),
                    lines(
                        "Dropped connections",
                        {"{{reason}}": per_second("neuroplay_api_cuts_total", by="reason")},
                        unit="cps",
                        stacked=True,
                        about="By reason: docs/api.md, The door.",
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Who is affected",
        (
            Line(
                5,
                (
                    stat(
                        "Children online",
                        "max(neuroplay_active_users)",
                        {None: "blue"},
                        about="Students whose devices made contact in the last five minutes",
                    ),
                    stat(
                        "Devices with unsent games",
                        "max(neuroplay_devices_holding)",
                        {None: "green", 50: "orange", 500: "red"},
                        about="As reported at their last contact; "
                        "neuroplay sync devices lists them",
                    ),
                    stat(
                        "Unsent games",
                        "max(neuroplay_device_sessions)",
                        {None: "green", 500: "orange", 5000: "red"},
                    ),
                    stat(
                        "Oldest unsent game",
                        "max(neuroplay_device_oldest_seconds)",
                        {None: "green", 7 * 86_400: "orange", 30 * 86_400: "red"},
                        unit="s",
                    ),
                ),
            ),
            Line(
                7,
                (
                    lines(
                        "Games per minute",
                        {
                            "{{game_type}}": per_second(SYNCS, 'status="accepted"', "game_type")
                            + " * 60"
                        },
                        stacked=True,
                    ),
                    lines(
                        "Sign-ins per minute",
                        {
                            "{{result}}": per_second("neuroplay_sign_ins_total", by="result")
                            + " * 60"
                        },
                    ),
                    lines(
                        "Badges per minute",
                        {
                            "{{achievement_id}}": per_second(
                                "neuroplay_achievements_unlocked_total", by="achievement_id"
                            )
                            + " * 60"
                        },
                    ),
                ),
            ),
        ),
    ),
    Row(
        "PostgreSQL",
        (
            Line(
                7,
                (
                    lines(
                        "Connections",
                        {
                            "in use": "max(neuroplay_database_connections)",
                            "allowed": "max(neuroplay_database_connections_limit)",
                        },
                    ),
                    lines(
                        "Transactions per second",
                        {
                            "{{end}}": "max by (end) "
                            "(rate(neuroplay_database_transactions_total[$__rate_interval]))"
                        },
                        unit="ops",
                    ),
                    lines("Database size", {"size": "max(neuroplay_database_bytes)"}, unit="bytes"),
                    lines(
                        "Stored sessions",
                        {"processed": 'max(neuroplay_inbox_items{state="processed"})'},
                    ),
                ),
            ),
            Line(
                5,
                (
                    lines(
                        "Time since the last backup and drill",
                        {
                            "backup": "max(neuroplay_backup_age_seconds)",
                            "drill": "max(neuroplay_drill_age_seconds)",
                        },
                        unit="s",
                    ),
                    lines(
                        "Retention: time since the last whole pass, and oldest undecided session",
                        {
                            "pass": "max(neuroplay_retention_lag_seconds)",
                            "undecided": "max(neuroplay_inbox_undecided_seconds)",
                        },
                        unit="s",
                    ),
                    lines(
                        "Removed or folded per second",
                        {
                            "{{kind}}": "sum by (kind) "
                            "(rate(neuroplay_retention_removed_total[$__rate_interval]))"
                        },
                        unit="ops",
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Redis",
        (
            Line(
                7,
                (
                    lines(
                        "Operation time p95",
                        {
                            "{{operation}}": quantile(
                                0.95, "neuroplay_redis_operation_seconds", by="le, operation"
                            )
                        },
                        unit="s",
                    ),
                    lines(
                        "Cache hit rate",
                        {"hits": "max(neuroplay_cache_hit_rate)"},
                        unit="percentunit",
                    ),
                    lines(
                        "Cache reads per second",
                        {"{{result}}": per_second("neuroplay_cache_reads_total", by="result")},
                        unit="ops",
                    ),
                    lines(
                        "Memory and clients",
                        {
                            "bytes": "max(neuroplay_redis_memory_bytes)",
                            "clients": "max(neuroplay_redis_clients)",
                        },
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Hosts",
        (
            Line(
                7,
                (
                    host("CPU", "neuroplay_host_cpu_ratio", 0.8),
                    host("Memory", "neuroplay_host_memory_ratio", 0.8),
                    host("Disk of NEUROPLAY_HOME", "neuroplay_host_disk_ratio", 0.9),
                ),
            ),
        ),
    ),
    Row("Every metric", (Line(6, (EVERY_METRIC,), 6),), folded=True),
)

VARIABLES = [
    {
        "name": "datasource",
        "type": "datasource",
        "query": "prometheus",
        "label": "Prometheus",
        "current": {},
        "hide": 0,
    },
    {
        "name": "metric",
        "type": "query",
        "label": "Metric",
        "datasource": SOURCE,
        "query": {
            "query": 'label_values({__name__=~"neuroplay_.+"}, __name__)',
            "refId": "metric",
        },
        "regex": "/^(?!.*_(bucket|created|sum)$).*/",
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
        "sort": 1,
        "hide": 0,
    },
]

ALERTS = {
    "name": "Alerts",
    "enable": True,
    "iconColor": "red",
    "datasource": SOURCE,
    "expr": 'ALERTS{alertname=~"NeuroPlay.*",alertstate="firing"}',
    "titleFormat": "{{alertname}}",
    "step": "30s",
}


def text() -> str:
    """The file."""
    dashboard = {
        "uid": "neuroplay",
        "title": "NeuroPlay",
        "description": "From the top down: is it up, is it fast, is anything stuck, "
        "who is affected.",
        "tags": ["neuroplay"],
        "timezone": "browser",
        "schemaVersion": 39,
        "version": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "editable": True,
        "graphTooltip": 1,
        "templating": {"list": VARIABLES},
        "annotations": {"list": [ALERTS]},
        "panels": placed(ROWS),
    }
    return json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
