"""All metrics. A test compares their names and labels with docs/metrics.md.

Label values are bounded: games, states, achievements, routes and classes of errors, never text from
a client. `backlog.SystemCollector` adds figures of the whole system at each scrape.

With PROMETHEUS_MULTIPROC_DIR, the processes of a machine share their metrics, and a scrape of any
of them returns those of all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from neuroplay.core.entities.game_catalogue import GAMES, UNKNOWN_GAME
from neuroplay.core.entities.retention import Removed
from neuroplay.core.entities.verification import Verdict

REGISTRY = CollectorRegistry()

FAST_S = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. The alerts on p95 (500 ms) and p99 (1 s) need exact boundaries."""

TINY_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0)

GAME_TYPES = (*GAMES, UNKNOWN_GAME)
RECEIPT_STATUSES = ("accepted", "duplicate", "conflict", "invalid")
OUTCOME_STATUSES = ("processed", "held", "failed", "invalid", "pending")
"""`pending`: a try failed, and another will follow."""

VERDICTS = (Verdict.VERIFIED, Verdict.MISMATCH, Verdict.PLAUSIBLE)
"""Results of a verification; `plausible`: the trace could not be replayed."""

RETENTION_KINDS = tuple(one.name for one in fields(Removed))

STANDBY_WAITS = ("in_vain", "none")
"""`in_vain`: the standby did not answer in time; `none`: it was known to be away or slow."""

REDIS_OPERATIONS = ("wake_up", "heartbeat")
SIGN_IN_RESULTS = ("ok", "wrong_card", "class_archived", "too_many_attempts")
ADULT_SIGN_IN_RESULTS = (
    "ok",
    "passkey",
    "joined",
    "wrong_passphrase",
    "wrong_passkey",
    "too_many_attempts",
    "link_used",
    "link_late",
    "link_unknown",
)
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
OTHER_METHOD = "OTHER"
UNMATCHED = "unmatched"

CUT_REASONS = (
    "address_full",
    "bodies_full",
    "body_too_large",
    "full",
    "handshake",
    "head_too_large",
    "hung_up",
    "malformed",
    "no_descriptor",
    "silent",
    "slow_body",
    "slow_head",
    "slow_reader",
    "stopping",
)
"""Why a connection was closed before its request was complete or its response read."""

TURNED_AWAY_REASONS = ("full", "waited")
"""Why a request was refused with `overloaded`: too many, or too large ones, were waiting; or it had
waited for too long."""

CONNECTION_STAGES = ("answering", "idle", "silent", "taking", "unfinished", "waiting")

GAME_SYNCS_TOTAL = Counter(
    "neuroplay_game_syncs_total",
    "Sessions by result: receipts from the API, outcomes from workers",
    ["game_type", "status"],
    registry=REGISTRY,
)
OFFERED_SESSIONS_TOTAL = Counter(
    "neuroplay_offered_sessions_total",
    "Sessions that tablets offered again after a restore",
    ["result"],
    registry=REGISTRY,
)
VERIFICATIONS_TOTAL = Counter(
    "neuroplay_verifications_total",
    "Sessions replayed from their trace, by verdict",
    ["game_type", "verdict"],
    registry=REGISTRY,
)
RETENTION_REMOVED_TOTAL = Counter(
    "neuroplay_retention_removed_total",
    "Rows that retention removed or reduced, by kind",
    ["kind"],
    registry=REGISTRY,
)
ACHIEVEMENTS_UNLOCKED_TOTAL = Counter(
    "neuroplay_achievements_unlocked_total",
    "Achievements unlocked",
    ["achievement_id"],
    registry=REGISTRY,
)
API_REQUESTS_TOTAL = Counter(
    "neuroplay_api_requests_total",
    "Requests answered by the API",
    ["method", "endpoint", "status"],
    registry=REGISTRY,
)
API_CUTS_TOTAL = Counter(
    "neuroplay_api_cuts_total",
    "Connections closed before the request was complete or the response read",
    ["reason"],
    registry=REGISTRY,
)
API_CONNECTIONS = Gauge(
    "neuroplay_api_connections",
    "Connections to the API by stage",
    ["stage"],
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
API_TURNED_AWAY_TOTAL = Counter(
    "neuroplay_api_turned_away_total",
    "Requests refused because they could not be answered in time",
    ["reason"],
    registry=REGISTRY,
)
ERRORS_TOTAL = Counter(
    "neuroplay_errors_total",
    "Errors by exception class and component",
    ["error_type", "component"],
    registry=REGISTRY,
)
SIGN_INS_TOTAL = Counter(
    "neuroplay_sign_ins_total", "Sign-in attempts by result", ["result"], registry=REGISTRY
)
ADULT_SIGN_INS_TOTAL = Counter(
    "neuroplay_adult_sign_ins_total",
    "Adults' attempts to sign in or to use a link, by result",
    ["result"],
    registry=REGISTRY,
)
CACHE_READS_TOTAL = Counter(
    "neuroplay_cache_reads_total", "Token cache reads by result", ["result"], registry=REGISTRY
)
STANDBY_MISSED_TOTAL = Counter(
    "neuroplay_standby_missed_total",
    "Sessions accepted without the standby, by when it was given up",
    ["wait"],
    registry=REGISTRY,
)
GAME_PROCESSING_TIME = Histogram(
    "neuroplay_game_processing_seconds",
    "Time to process one session",
    ["game_type"],
    buckets=TINY_S,
    registry=REGISTRY,
)
API_RESPONSE_TIME = Histogram(
    "neuroplay_api_response_seconds",
    "Response time by endpoint",
    ["endpoint"],
    buckets=FAST_S,
    registry=REGISTRY,
)
REDIS_OPERATION_TIME = Histogram(
    "neuroplay_redis_operation_seconds",
    "Duration of Redis operations",
    ["operation"],
    buckets=TINY_S,
    registry=REGISTRY,
)


def known_game(game_type: object) -> str:
    """The label for a game: its name in the catalogue, or `unknown`."""
    return game_type if isinstance(game_type, str) and game_type in GAMES else UNKNOWN_GAME


def known_method(method: str) -> str:
    return method if method in METHODS else OTHER_METHOD


def start_series(achievement_ids: Iterable[str]) -> None:
    """Create all series with the value 0, so that none is missing before its first event."""
    for game_type in GAME_TYPES:
        for status in (*RECEIPT_STATUSES, *OUTCOME_STATUSES):
            GAME_SYNCS_TOTAL.labels(game_type=game_type, status=status)
        GAME_PROCESSING_TIME.labels(game_type=game_type)
    for game_type in GAMES:
        for verdict in VERDICTS:
            VERIFICATIONS_TOTAL.labels(game_type=game_type, verdict=verdict)
    for kind in RETENTION_KINDS:
        RETENTION_REMOVED_TOTAL.labels(kind=kind)
    for achievement_id in achievement_ids:
        ACHIEVEMENTS_UNLOCKED_TOTAL.labels(achievement_id=achievement_id)
    for operation in REDIS_OPERATIONS:
        REDIS_OPERATION_TIME.labels(operation=operation)
    for wait in STANDBY_WAITS:
        STANDBY_MISSED_TOTAL.labels(wait=wait)
    for stage in CONNECTION_STAGES:
        API_CONNECTIONS.labels(stage=stage)
    for reason in CUT_REASONS:
        API_CUTS_TOTAL.labels(reason=reason)
    for reason in TURNED_AWAY_REASONS:
        API_TURNED_AWAY_TOTAL.labels(reason=reason)
    for result in SIGN_IN_RESULTS:
        SIGN_INS_TOTAL.labels(result=result)
    for result in ADULT_SIGN_IN_RESULTS:
        ADULT_SIGN_INS_TOTAL.labels(result=result)
    for result in ("stored", "lacking"):
        OFFERED_SESSIONS_TOTAL.labels(result=result)
    for result in ("hit", "miss"):
        CACHE_READS_TOTAL.labels(result=result)
    for component in ("api", "worker"):
        for error_type in ("InternalServerError", "StoreUnavailable"):
            ERRORS_TOTAL.labels(error_type=error_type, component=component)


def start_endpoint_series(endpoint: str, methods: Iterable[str], statuses: Iterable[int]) -> None:
    """Create the series of a route with the value 0, for its documented responses."""
    API_RESPONSE_TIME.labels(endpoint=endpoint)
    for method in methods:
        for status in statuses:
            API_REQUESTS_TOTAL.labels(method=method, endpoint=endpoint, status=str(status))
