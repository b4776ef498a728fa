"""Metrics and log lines about connections that the server cut, and requests that it turned away."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from neuroplay.api.door.connection import Stage
from neuroplay.api.door.requests import OVERLOADED, Refusal
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import (
    API_CONNECTIONS,
    API_CUTS_TOTAL,
    API_REQUESTS_TOTAL,
    API_TURNED_AWAY_TOTAL,
    UNMATCHED,
    known_method,
)
from neuroplay.infra.monitoring.saturation import Saturation

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
    """The record of one process. Only its front's thread uses it, except for `turned_away`."""

    def __init__(self, saturation: Saturation) -> None:
        self._saturation = saturation
        self._turned_away: deque[tuple[str, str | None]] = deque()
        self._new: Counter[str] = Counter()
        self._addresses: dict[str, Counter[str]] = {}
        self._log_at = 0.0

    def cut(self, reason: str, address: str | None) -> None:
        API_CUTS_TOTAL.labels(reason=reason).inc()
        self._note(reason, address)

    def _note(self, reason: str, address: str | None, count: int = 1) -> None:
        self._new[reason] += count
        if address is not None:
            addresses = self._addresses.setdefault(reason, Counter())
            if address in addresses or len(addresses) < 100:
                addresses[address] += count

    def refused(self, refusal: Refusal, method: str, address: str | None) -> None:
        API_REQUESTS_TOTAL.labels(known_method(method), UNMATCHED, refusal.status).inc()
        self.cut(refusal.reason, address)

    def turned_away(self, reason: str, address: str | None) -> None:
        """A request was refused because too many are waiting. Any thread may call it; it is counted
        with the next `update`, all of them together, since there may be thousands a second."""
        self._turned_away.append((reason, address))

    def update(self, now: float, counts: Mapping[Stage, int], *, waiting: int = 0) -> None:
        """Set the number of connections by stage, and log cuts if a line is due. `waiting` of those
        in the stage ANSWERING have no thread yet."""
        self._count_turned_away()
        shown: Counter[str] = Counter()
        for stage, count in counts.items():
            shown[HELD_AS[stage]] += count
        shown["waiting"] = min(waiting, shown["answering"])
        shown["answering"] -= shown["waiting"]
        for name, count in shown.items():
            API_CONNECTIONS.labels(stage=name).set(count)
        if self._new and now >= self._log_at:
            self._log_at = now + LOG_EVERY_S
            self.report()

    def _count_turned_away(self) -> None:
        if not self._turned_away:
            return
        self._saturation.note()
        noted = [self._turned_away.popleft() for _ in range(len(self._turned_away))]
        for (reason, address), count in Counter(noted).items():
            API_TURNED_AWAY_TOTAL.labels(reason=reason).inc(count)
            self._note(OVERLOADED.reason, address, count)

    def report(self) -> None:
        """Log one line per reason, with the most frequent address."""
        for reason, count in self._new.items():
            if count < LOG_FROM.get(reason, 1):
                continue
            most = self._addresses.get(reason, Counter()).most_common(1)
            origin = {"most_from": most[0][0], "of_these": most[0][1]} if most else {}
            what = "requests refused" if reason == OVERLOADED.reason else "connections cut"
            log.warning(what, reason=reason, count=count, **origin)
        self._new.clear()
        self._addresses.clear()
