from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from benchmarks.groups import years
from benchmarks.harness.years_child import DAYS_TO_A_TRACE, recorded_rounds, traced_record
from benchmarks.harness.years_picture import MONTHS_A_YEAR
from neuroplay.core.rules.plausibility import check_possible, doubts
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.rules.verification import traced_round

ENDED = datetime(2021, 3, 1, 15, tzinfo=UTC)


def test_there_are_recorded_rounds_for_all_years_and_none_comes_twice() -> None:
    found = [
        (played.game_type, played.game_version, played.seed) for played, _ in recorded_rounds()
    ]
    days = years.YEARS * MONTHS_A_YEAR * years.MONTH // timedelta(days=1)
    assert len(found) >= days / DAYS_TO_A_TRACE
    assert len(set(found)) == len(found)


def test_each_of_them_counts_at_once_and_can_be_replayed() -> None:
    for played, gave in recorded_rounds():
        record = traced_record(ENDED, played, gave)
        session = read_session(record, 1, session_id=UUID(str(record["session_id"])))
        check_possible(session)
        assert doubts(session) == []
        assert traced_round(session) == played
