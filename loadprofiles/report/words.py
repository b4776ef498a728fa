"""A run as text: progress lines and the summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from loadprofiles.profiles import PROFILES, span_text

EXIT_CODES = {"pass": 0, "graceful": 1, "fail": 1, "void": 3}

RULE = "=" * 60
LINE_EVERY_S = 10.0

NAMES = {
    "rps": "Requests per second",
    "failure_rate": "Failure rate",
    "avg_ms": "Response time, average",
    "p95_ms": "Response time, p95",
    "p99_ms": "Response time, p99",
    "cpu": "Server CPU",
    "memory": "Server memory",
    "queue": "Pending sessions",
    "drained_s": "Time to drain the queue",
    "undelivered": "Tablets with unsent games",
    "lost": "Sessions lost",
    "counted_twice": "Sessions counted twice",
}
SPEED = (
    ("bare_rps", 0, "bare requests/s"),
    ("bare_ms", 2, "ms each"),
    ("fsyncs_per_s", 0, "fsyncs/s"),
    ("python_steps_per_s", 0, "steps/s in Python"),
    ("processors", 1, "processors"),
)
"""Key of a measurement, its digits, and what it is."""

SHARES = frozenset({"failure_rate", "cpu", "memory"})


def summary(document: Mapping[str, Any]) -> str:
    """The result as plain text, several lines."""
    figures = document["figures"]
    requests, failures = figures["requests"], figures["failures"]
    share = f" ({_value('failure_rate', failures / requests)})" if requests else ""
    lines = [
        "📊 LOAD TEST RESULT",
        RULE,
        f"Total requests: {requests:,}",
        f"Failures: {failures:,}{share}",
        f"Average RPS: {_value('rps', figures['rps'])}",
        f"Average response time: {_value('avg_ms', figures['avg_ms'])}",
        f"Response time p95: {_value('p95_ms', figures['p95_ms'])}",
        f"Response time p99: {_value('p99_ms', figures['p99_ms'])}",
        RULE,
        *_columns([("THRESHOLD", "MEASURED", "LIMIT", ""), *threshold_rows(document)]),
        "",
        _sessions(document["sessions"]),
        machine(document["machine"]),
        *_errors(document["errors"]),
        "",
        headline(document),
        *(f"   {reason}" for reason in document["reasons"]),
    ]
    return "\n".join(lines)


def headline(document: Mapping[str, Any]) -> str:
    """The verdict in one line."""
    what = document["profile"]
    if document["users"] != document["profile_users"]:
        what += f" with {document['users']} of {document['profile_users']} students"
    whole_s, took_s = PROFILES[document["profile"]].run_time_s, document["run_time_s"]
    if took_s and round(took_s) != round(whole_s):
        what += f" for {span_text(took_s)} of {span_text(whole_s)}"
    if document["chaos"]:
        what += f" with {document['chaos']}"
    if document["judged"] != "all":
        what += f", judged by {document['judged']} only"
    shown = {
        "all": "the system is scalable!",
        "failures": "no game was lost, and few requests failed",
        "ledger": "no game was lost",
    }[document["judged"]]
    handled = "no game was lost"
    if document["judged"] == "all":
        handled += ", and nothing was answered late"
    return {
        "pass": f"✅ TEST PASSED ({what}): {shown}",
        "graceful": f"⚠️  MACHINE TOO SLOW ({what}), but {handled}",
        "fail": f"❌ TEST FAILED ({what})",
        "void": f"⚠️  VOID ({what}): not a valid measurement",
    }[document["verdict"]]


def machine(speed: Mapping[str, Any]) -> str:
    """The machine's speed in one line."""
    if not speed["calibrated_s"]:
        return "Machine: not measured (--calibrate 0)"
    parts = [
        f"{speed[name]:,.{digits}f} {what}"
        for name, digits, what in SPEED
        if speed[name] is not None
    ]
    needed = f"{speed['needed_bare_rps']:,.0f} bare requests/s are needed"
    return f"Machine: {', '.join(parts)}; {needed}"


def threshold_rows(document: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """(name, measured, limit, status) of each threshold, as text."""
    signs = {"below": "<", "above": ">", "at_most": "<="}
    rows = []
    for one in document["thresholds"]:
        limit = f"{signs[one['sense']]} {_value(one['name'], one['limit'])}"
        if one["note"]:
            limit += f" ({one['note']})"
        rows.append((NAMES[one["name"]], _value(one["name"], one["value"]), limit, one["status"]))
    return rows


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in SHARES:
        # Few failures must not look like none.
        return f"{value:.4%}" if 0 < value < 0.0005 else f"{value:.1%}"
    if name.endswith("_ms"):
        return f"{value:,.1f} ms"
    if name.endswith("_s"):
        return f"{value:,.1f} s"
    return f"{value:,.1f}" if name == "rps" else f"{value:,.0f}"


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _sessions(sessions: Mapping[str, int]) -> str:
    return (
        f"Sessions: {sessions['acknowledged']:,} acknowledged, {sessions['stored']:,} stored, "
        f"{sessions['lost']:,} lost, {sessions['counted_twice']:,} counted twice "
        f"({sessions['duplicates_sent']:,} resent on purpose, "
        f"{_counted(sessions['connections_dropped'], 'connection')} dropped)"
    )


def _counted(count: float, what: str) -> str:
    """`1 session`, `2,000 sessions`."""
    return f"{count:,.0f} {what}" if count == 1 else f"{count:,.0f} {what}s"


def _errors(errors: Mapping[str, int]) -> list[str]:
    shown = [f"   {count:,} x {error}" for error, count in list(errors.items())[:8]]
    return ["Failures:", *shown] if shown else []


class Lines:
    """Prints progress: a line every ten seconds and at each change of phase."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = -LINE_EVERY_S
        self._phase = ""

    def __call__(self, row: Mapping[str, Any]) -> None:
        changed, self._phase = row["phase"] != self._phase, row["phase"]
        if row["phase"] == "done" or not (changed or row["t"] - self._said >= LINE_EVERY_S):
            return
        self._said = row["t"]
        self._say(line(row))


def line(row: Mapping[str, Any]) -> str:
    """One progress report as a line."""
    at = f"{row['t']:6.0f} s  {row['phase']:<9}"
    if row["phase"] == "away":
        return f"{at}waiting for the server to respond"
    if row["phase"] == "draining":
        return f"{at}{_counted(row['queue'], 'session')} pending"
    if row["phase"] == "ledger":
        return f"{at}checked {row['done']:,} of {_counted(row['students'], 'student')}"
    if "rps" not in row:
        return f"{at}starting"
    cpu = "-" if row["cpu"] is None else f"{row['cpu']:.0%}"
    queue = "-" if row["queue"] is None else f"{row['queue']:,.0f}"
    p50, p95, p99 = (
        "-" if row[name] is None else f"{row[name]:,.0f}" for name in ("p50_ms", "p95_ms", "p99_ms")
    )
    return (
        f"{at}{_counted(row['users'], 'student')}  {row['rps']:,.0f} req/s  "
        f"{row['failed']:,} failed  "
        f"p50 {p50}  p95 {p95}  p99 {p99} ms  pending {queue}  CPU {cpu}"
    )
