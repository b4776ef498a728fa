from __future__ import annotations

from datetime import UTC, datetime, timedelta

from neuroplay.core.entities.inbox_filter import CLOCK_TOLERANCE, InboxFilter

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_filter_by_the_receipt_alone_is_its_own_bound() -> None:
    assert InboxFilter().received_since is None
    assert InboxFilter(since=NOON).received_since == NOON


def test_nothing_is_received_before_it_was_played_but_for_clocks_that_differ() -> None:
    bound = NOON - CLOCK_TOLERANCE
    assert InboxFilter(played_since=NOON).received_since == bound
    assert InboxFilter(played_since=NOON, since=bound - DAY).received_since == bound
    assert InboxFilter(played_since=NOON, since=bound + DAY).received_since == bound + DAY


def test_a_moment_at_the_beginning_of_all_time_bounds_nothing() -> None:
    first = datetime.min.replace(tzinfo=UTC)
    assert InboxFilter(played_since=first, since=NOON).received_since == NOON
