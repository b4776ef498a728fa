"""The drain loop: continues while there is more, and hands over in time."""

from __future__ import annotations

from neuroplay.core.entities.retention import Removed
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.use_cases.drain_inbox import DrainedItem, DrainReport
from neuroplay.core.use_cases.retain import Retained
from neuroplay.worker.tasks import BATCH, Drained, drain_until_empty, record_retained
from tests.counts import counted


def report(*, more: bool, items: tuple[DrainedItem, ...] = ()) -> DrainReport:
    return DrainReport(
        claimed=len(items),
        items=items,
        unlocked=(),
        more=more,
    )


def syncs(status: str) -> float:
    return counted("neuroplay_game_syncs_total", game_type="cyber_runner", status=status)


def test_it_drains_batches_until_nothing_is_due() -> None:
    reports = iter([report(more=True), report(more=True), report(more=False)])
    limits: list[int] = []

    def drain(limit: int) -> DrainReport:
        limits.append(limit)
        return next(reports)

    assert drain_until_empty(drain, budget_s=60) == Drained(something=False, left=False)
    assert limits == [BATCH, BATCH, BATCH]


def test_it_hands_over_when_its_time_is_used_up() -> None:
    assert drain_until_empty(lambda _: report(more=True), budget_s=0).left


def test_it_says_whether_there_was_anything() -> None:
    item = DrainedItem(game_type="cyber_runner", state=InboxState.HELD, seconds=0.001)
    reports = iter([report(more=True, items=(item,)), report(more=False)])
    drained = drain_until_empty(lambda _: next(reports), budget_s=60)
    assert drained == Drained(something=True, left=False)


def test_what_a_drain_did_is_counted_once() -> None:
    before = syncs("processed")
    item = DrainedItem(game_type="cyber_runner", state=InboxState.PROCESSED, seconds=0.001)
    drain_until_empty(lambda _: report(more=False, items=(item, item)), budget_s=60)
    assert syncs("processed") == before + 2


def test_what_retention_removed_is_counted_by_kind() -> None:
    before = [counted("neuroplay_retention_removed_total", kind=kind) for kind in ("traces", "raw")]
    record_retained(Retained(removed=Removed(traces=3, raw=2)))
    after = [counted("neuroplay_retention_removed_total", kind=kind) for kind in ("traces", "raw")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [3, 2]
