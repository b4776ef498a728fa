"""What operators see of the waits for the standby: log lines and a counter."""

from __future__ import annotations

from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import STANDBY_MISSED_TOTAL

log = get_logger(__name__)


class StandbyNotes:
    """A `Note` of infra.db.standby_wait."""

    def answers(self) -> None:
        log.info("the standby answers: accepted games wait for it")

    def given_up(self, why: str) -> None:
        log.error("the standby does not answer: games are accepted without a copy", reason=why)

    def without(self, sessions: int, *, waited: bool) -> None:
        STANDBY_MISSED_TOTAL.labels(wait="in_vain" if waited else "none").inc(sessions)
