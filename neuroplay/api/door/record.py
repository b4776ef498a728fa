"""Metrics and log lines about connections that the server cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from neuroplay.api.door.connection import Stage
from neuroplay.api.door.requests import Refusal
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import (
    API_CONNECTIONS,
    API_CUTS_TOTAL,
    API_REQUESTS_TOTAL,
    UNMATCHED,
    known_method,
)

LOG_EVERY_S = 10.0
"""At most one line per reason in this time."""

LOG_FROM = {"hung_up": 50, "silent": 50, "handshake": 50}
"""Fewer of these in that time are not logged: tablets leave, browsers open connections in advance,
or do not trust a certificate. All are counted."""

HELD_AS: Mapping[Stage, str] = {
    Stage.SILENT: "silent",
    Stage.HEAD: "unfinished",
    Stage.BODY: "unfinished",
    Stage.IDLE: "idle",
    Stage.SENDING: "taking",
    Stage.LINGERING: "taking",
    Stage.ANSWERING: "answering",
}

log = get_logger(__name__)


class Record:
    """The record of one process. Only its front's thread uses it."""

    def __init__(self) -> None:
        self._new: Counter[str] = Counter()
        self._addresses: dict[str, Counter[str]] = {}
        self._log_at = 0.0

    def cut(self, reason: str, address: str | None) -> None:
        API_CUTS_TOTAL.labels(reason=reason).inc()
        self._new[reason] += 1
        if address is not None:
            addresses = self._addresses.setdefault(reason, Counter())
            if address in addresses or len(addresses) < 100:
                addresses[address] += 1

    def refused(self, refusal: Refusal, method: str, address: str | None) -> None:
        API_REQUESTS_TOTAL.labels(known_method(method), UNMATCHED, refusal.status).inc()
        self.cut(refusal.reason, address)

    def update(self, now: float, counts: Mapping[Stage, int]) -> None:
        """Set the number of connections by stage, and log cuts if a line is due."""
        shown: Counter[str] = Counter()
        for stage, count in counts.items():
            shown[HELD_AS[stage]] += count
        for name, count in shown.items():
            API_CONNECTIONS.labels(stage=name).set(count)
        if self._new and now >= self._log_at:
            self._log_at = now + LOG_EVERY_S
            self.report()

    def report(self) -> None:
        """Log one line per reason, with the most frequent address."""
        for reason, count in self._new.items():
            if count < LOG_FROM.get(reason, 1):
                continue
            most = self._addresses.get(reason, Counter()).most_common(1)
            origin = {"most_from": most[0][0], "of_these": most[0][1]} if most else {}
            log.warning("connections cut", reason=reason, count=count, **origin)
        self._new.clear()
        self._addresses.clear()
