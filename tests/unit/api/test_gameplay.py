from __future__ import annotations

from typing import Any

from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, session


def test_a_session_is_stored_and_gets_a_receipt(tablet: Tablet, system: FakeSystem) -> None:
    good = session()
    answer = tablet.sync(good)
    assert answer.status_code == 202
    assert answer.json == {
        "receipts": [{"session_id": good["session_id"], "status": "accepted"}]
    }
    assert [item.payload for item in system.store.tables.inbox.values()] == [good]
    assert system.wake_up.calls == 1


def test_receipts(tablet: Tablet) -> None:
    print(tablet.sync(session(), session(score=-1), 7).json)
