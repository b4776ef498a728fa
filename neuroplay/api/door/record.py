"""What operators see of the door: cuts counted by reason, and a log line for many of them."""

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

TELL_S = 10.0
"""A line a reason in this time, however many were cut."""

NEWS_FROM = {"hung_up": 50, "silent": 50, "handshake": 50}
"""Fewer of these in that time are no news: tablets leave, browsers connect ahead and say nothing,
or do not trust a certificate. They are counted."""

HELD_AS: Mapping[Stage, str] = {
    Stage.SILENT: "silent",
    Stage.HEAD: "unfinished",
    Stage.BODY: "unfinished",
    Stage.IDLE: "idle",
    Stage.TAKING: "taking",
    Stage.LINGERING: "taking",
    Stage.ANSWERING: "answering",
}

log = get_logger(__name__)


class Record:
    """Of one process, written by its front alone."""

    def __init__(self) -> None:
        self._new: Counter[str] = Counter()
        self._addresses: dict[str, Counter[str]] = {}
        self._tell_at = 0.0

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

    def look(self, now: float, counts: Mapping[Stage, int]) -> None:
        """Note how many connections there are; a line now and then of what was cut."""
        shown: Counter[str] = Counter()
        for stage, count in counts.items():
            shown[HELD_AS[stage]] += count
        for name, count in shown.items():
            API_CONNECTIONS.labels(stage=name).set(count)
        if self._new and now >= self._tell_at:
            self._tell_at = now + TELL_S
            self.tell()

    def tell(self) -> None:
        """One line a reason, with the address that most of them came from."""
        for reason, count in self._new.items():
            if count < NEWS_FROM.get(reason, 1):
                continue
            most = self._addresses.get(reason, Counter()).most_common(1)
            origin = {"most_from": most[0][0], "of_these": most[0][1]} if most else {}
            log.warning("connections cut", reason=reason, count=count, **origin)
        self._new.clear()
        self._addresses.clear()
