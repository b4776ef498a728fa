"""A tablet of a child who is merged into another one meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import new_children
from tests.browser.tablet import (
    Tablet,
    put_sessions,
    signed_in,
    wait_empty,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_tablet_of_a_merged_child_sends_all_it_has_and_shows_the_child_that_is_left(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    merged, left = new_children(system, 2)
    page = signed_in(tablet, merged)  # the server has its token in memory from now on
    network.down()
    waiting = put_sessions(page, merged.student_id, 3)

    done = system.neuroplay(
        "student", "merge", str(merged.student_id), "--into", str(left.student_id), "--yes"
    )
    assert done["id"] == left.student_id

    network.up()
    wake(page)
    # For some seconds the server takes the token for the merged child's, and asks to try again.
    wait_empty(page, timeout_ms=90_000)
    books.check(system, [(one, left.student_id) for one in waiting])
    assert books.inbox(system, [merged.student_id]) == []
    # The tablet still knows the child under the old number, and shows the progress of all.
    page.reload()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(left.nickname, timeout=30_000)
    progress = system.neuroplay("student", "show", str(left.student_id))
    assert progress["sessions"] == 3
    expect(page.get_by_test_id("level")).to_have_attribute(
        "data-xp", str(progress["xp"]), timeout=30_000
    )
