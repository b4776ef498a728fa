"""A finished game is delivered exactly once, whatever the network does."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser import books
from tests.browser.conftest import RunningSystem, in_both_engines, in_firefox_at_length
from tests.browser.network import (
    BAD_GATEWAY,
    HALF_AN_ANSWER,
    LOGIN_PAGE,
    LOST_ANSWER,
    SILENCE,
    TO_LOGIN_PAGE,
    Network,
    Reply,
    Request,
    always,
    fair,
    first,
    problem,
)
from tests.browser.play import Child, new_children, play_a_round
from tests.browser.tablet import (
    DAY_MS,
    Tablet,
    at_home,
    expect_here,
    ids_of,
    open_adults,
    outbox,
    put_sessions,
    send_sync,
    service_worker,
    shifted,
    show_card,
    signed_in,
    stored,
    wait_empty,
    wait_left,
    wait_refused,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

YEAR_MS = 365 * DAY_MS

ME, SIGN_OUT = "/api/v1/me", "/api/v1/sign-out"


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def of(child: Child, ids: list[str]) -> list[tuple[str, int]]:
    return [(session, child.student_id) for session in ids]


# A game that ends while the server is gone


@in_firefox_at_length
def test_the_server_goes_before_the_game_ends(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.down()
    play_a_round(page)
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "true")
    page.get_by_test_id("result-home").click()
    expect_here(page, 1)
    ids = ids_of(outbox(page))
    network.up()
    # Nothing wakes it: its own timer tries again.
    expect_here(page, 0)
    books.check(system, of(child, ids))


@in_firefox_at_length
def test_the_browser_is_closed_and_opened_again(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.down()
    ids = put_sessions(page, child.student_id, 3)
    tablet.close()
    network.up()
    wait_empty(tablet.open())
    books.check(system, of(child, ids))


@in_firefox_at_length
def test_the_app_opens_again_without_a_network_and_a_game_goes_up_later(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    signed_in(tablet, child)
    tablet.close()
    network.down()
    page = tablet.open()
    at_home(page, child)
    play_a_round(page)
    page.get_by_test_id("result-home").click()
    expect_here(page, 1)
    ids = ids_of(outbox(page))
    tablet.close()
    network.up()
    wait_empty(tablet.open())
    books.check(system, of(child, ids))


@in_both_engines
def test_the_app_opens_again_without_a_network_and_is_killed_right_after_a_result(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    signed_in(tablet, child)
    tablet.close()
    network.down()
    page = tablet.open()
    at_home(page, child)
    play_a_round(page)
    ids = ids_of(outbox(page))
    tablet.kill()
    network.up()
    page = tablet.open()
    wait_empty(page)
    books.check(system, of(child, ids))
    assert len(ids) == 1


# Somebody else answers, or nobody

REPLIES = {
    "408": problem(408, "timeout"),
    "425": problem(425, "too_early"),
    "500": problem(500, "internal"),
    "500 of a proxy": Reply(status=500, body=b"oops", headers={"Content-Type": "text/plain"}),
    "502": BAD_GATEWAY,
    "503": problem(503, "store_unavailable", Retry_After="1"),
    "302 to a login page": TO_LOGIN_PAGE,
    "200 with a login page": LOGIN_PAGE,
    "200 with JSON of a portal": Reply(
        body=b'{"login": true}', headers={"Content-Type": "application/json"}
    ),
    "401 of a portal": Reply(
        status=401, body=b'{"message": "log in"}', headers={"Content-Type": "application/json"}
    ),
    "413 of a proxy": Reply(
        status=413, body=b"<h1>too large</h1>", headers={"Content-Type": "text/html"}
    ),
    "an answer cut in the middle": HALF_AN_ANSWER,
}


IN_FIREFOX = ("502", "302 to a login page", "200 with a login page", "an answer cut in the middle")
"""What it may take in another way than Chromium."""


@in_firefox_at_length
def test_an_answer_that_is_not_ours_loses_nothing(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    sent: list[str] = []
    for name in REPLIES if tablet.engine == "chromium" else IN_FIREFOX:
        network.mood, network.sync_requests = always(REPLIES[name]), []
        ids = put_sessions(page, child.student_id, 2)
        wake(page)
        expect_here(page, 2)
        while not network.sync_requests:
            page.wait_for_timeout(20)
        assert sorted(ids_of(outbox(page))) == sorted(ids), name
        books.check(system, of(child, sent))
        network.mood = fair
        # The next try comes by itself.
        wait_empty(page)
        sent += ids
        books.check(system, of(child, sent))


def json_of_a_filter(status: int, **body: object) -> Reply:
    return Reply(
        status=status,
        body=json.dumps(body or {"code": "student_erased", "message": "Blocked."}).encode(),
        headers={"Content-Type": "application/json"},
    )


def words_of_strangers(child: Child) -> list[Reply]:
    """Answers that look like ours by their status, by a code, by a whole document, and are not."""
    somebody_else = child.student_id + 1
    return [
        *(json_of_a_filter(status) for status in (401, 402, 403, 404, 410, 413, 422, 426, 451)),
        json_of_a_filter(410, code="student_erased", student_id=child.student_id),
        json_of_a_filter(401, code="token_revoked"),
        problem(410, "student_erased"),
        problem(410, "student_erased", student_id=somebody_else),
        problem(410, "gone_for_good", student_id=child.student_id),
        problem(403, "token_revoked"),
        problem(422, "blocked"),
        problem(511, "unauthorized"),
        json_of_a_filter(200, xp=1, student={"id": somebody_else}, receipts=[]),
        json_of_a_filter(202, receipts=[{"session_id": "x", "status": "accepted"}]),
        Reply(body=b"{}", headers={"Content-Type": "application/json", "Content-Encoding": "br"}),
        Reply(status=204),
        Reply(status=410),
    ]


def test_a_strangers_word_is_taken_on_no_route(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    (known,) = stored(page, "students")
    network.mood = always(BAD_GATEWAY)
    ids = put_sessions(page, child.student_id, 2)
    # Each is asked for when the one before is done with; nobody has to believe the last.
    for reply in [*words_of_strangers(child), BAD_GATEWAY]:
        network.mood, network.instead = always(reply), {ME: reply, SIGN_OUT: reply}
        network.asked_instead, network.sync_requests = [], []
        wake(page)
        while ME not in network.asked_instead or not network.sync_requests:
            page.wait_for_timeout(20)
    expect_here(page, 2)
    assert [item["parked"] for item in outbox(page)] == [None, None]
    (still,) = stored(page, "students")
    assert (still["access"], still["token"], still["me"]) == ("active", known["token"], known["me"])
    network.mood, network.instead = fair, {}
    wake(page)
    wait_empty(page)
    books.check(system, of(child, ids))


def test_an_answer_that_takes_too_long_loses_nothing(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = first(1, SILENCE)
    ids = put_sessions(page, child.student_id, 2)
    wake(page)
    wait_empty(page, timeout_ms=50_000)
    assert len(network.sync_requests) >= 2
    books.check(system, of(child, ids))


@in_firefox_at_length
def test_a_lost_answer_makes_a_duplicate_that_counts_once(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = first(2, LOST_ANSWER)
    ids = put_sessions(page, child.student_id, 3)
    wake(page)
    wait_empty(page)
    assert len(network.sync_requests) >= 3
    books.check(system, of(child, ids))


@in_firefox_at_length
def test_the_server_is_given_the_time_it_asks_for(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = first(1, problem(429, "too_many_requests", Retry_After="5"))
    ids = put_sessions(page, child.student_id)
    for _ in range(3):
        wake(page)  # not even a new network makes it ask before its time
    wait_empty(page)
    asked, answered = network.sync_requests[:2]
    assert answered.at - asked.at >= 5
    books.check(system, of(child, ids))


def test_an_adult_need_not_wait(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = first(1, problem(503, "store_unavailable", Retry_After="600"))
    ids = put_sessions(page, child.student_id)
    wake(page)
    expect_here(page, 1)
    open_adults(page)
    waiting = page.get_by_test_id("waiting")
    expect(waiting).to_contain_text("asked us to wait")
    page.get_by_test_id("send-now").click()
    expect(waiting).to_have_count(0)
    books.check(system, of(child, ids))


def test_a_session_that_breaks_the_server_holds_up_no_other(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.down()  # the app may send them as soon as they are there
    good = put_sessions(page, child.student_id, 20)
    (poison,) = put_sessions(page, child.student_id)
    good += put_sessions(page, child.student_id, 20)

    def breaks(request: Request) -> Reply | None:
        return problem(500, "internal") if poison in request.sessions else None

    network.mood = breaks
    network.up()
    wake(page)
    wait_left(page, [poison])
    books.check(system, of(child, good))
    network.mood = fair
    wait_empty(page)
    books.check(system, of(child, [*good, poison]))


def test_what_the_server_will_not_take_is_parked_with_its_reason(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    (good,) = put_sessions(page, child.student_id)
    (bad,) = put_sessions(page, child.student_id, metadata={"seed": "x" * 70_000})
    wake(page)
    # The quiet line says 1 as soon as the first of the two is told of, too.
    wait_left(page, [bad])
    expect_here(page, 1)
    open_adults(page)
    waiting = page.get_by_test_id("waiting")
    expect(waiting.locator("[data-why=too_large]")).to_have_count(1)
    (left,) = outbox(page)
    assert (left["sessionId"], left["parked"]["code"]) == (bad, "too_large")
    expect(waiting).to_contain_text(left["parked"]["message"])
    rows = {session: state for session, _, state in books.inbox(system, [child.student_id])}
    assert rows[good] in books.GOOD
    assert rows[bad] == "invalid"


# Tokens


def test_a_revoked_child_shows_the_card_again_and_nothing_is_lost(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    ana, bia = new_children(system, 2)
    page = signed_in(tablet, ana)
    show_card(page, bia)
    network.down()
    anas = put_sessions(page, ana.student_id, 2)
    bias = put_sessions(page, bia.student_id, 2)
    made = system.neuroplay("student", "reset-card", str(ana.student_id), "--yes")
    wait_refused(system, page, ana.student_id)
    network.up()
    wake(page)
    wait_left(page, anas)
    books.check(system, of(bia, bias))
    page.get_by_test_id("switch-child").click()
    expect(page.get_by_test_id(f"child-{ana.student_id}")).to_contain_text("card")

    code = ana.card.removeprefix("/#card=").split("-")[0]
    show_card(page, replace(ana, card=f"/#card={code}-{made['card_code']}"))
    wait_empty(page)
    books.check(system, [*of(bia, bias), *of(ana, anas)])


def test_an_erased_child_is_forgotten_by_the_tablet_too(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.down()
    put_sessions(page, child.student_id, 2)
    system.neuroplay("student", "erase", str(child.student_id), "--yes")
    network.up()
    deadline = time.monotonic() + 40
    while stored(page, "students"):
        assert time.monotonic() < deadline
        wake(page)
        page.wait_for_timeout(500)
    wait_empty(page)
    assert books.inbox(system, [child.student_id]) == []


# Clocks


@pytest.mark.parametrize("wrong", [YEAR_MS, -YEAR_MS], ids=["ahead", "behind"])
@pytest.mark.parametrize("set_right", [False, True], ids=["still wrong", "set right in between"])
def test_a_clock_that_is_wrong_by_a_year_loses_nothing(
    tablet: Tablet,
    network: Network,
    system: RunningSystem,
    child: Child,
    wrong: int,
    set_right: bool,
) -> None:
    page = signed_in(tablet, child)
    books.known_for(system, child.student_id, 2 * 365)
    with shifted(page, wrong):
        expect(page.get_by_test_id("level")).to_be_visible()
        network.down()
        ids = put_sessions(page, child.student_id, 3)
        if not set_right:
            network.up()
            wake(page)
            wait_empty(page)
    network.up()
    wake(page)
    wait_empty(page)
    books.check(system, of(child, ids))


def test_a_new_childs_games_of_a_clock_that_was_set_right_wait_for_an_adult(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    with shifted(page, -YEAR_MS):
        expect(page.get_by_test_id("level")).to_be_visible()
        network.down()
        ids = put_sessions(page, child.student_id, 3)
    network.up()
    wake(page)
    wait_empty(page)
    # They lie before the child's first sign-in: nobody else could say when they were played.
    expect(page.get_by_test_id("held")).to_contain_text("3 of your games", timeout=40_000)
    kept = books.inbox(system, [child.student_id])
    assert sorted(kept) == sorted((one, child.student_id, "held") for one in ids)


def test_thirty_days_without_a_network_are_nothing(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    books.known_for(system, child.student_id, 31)
    network.down()
    ids = [
        *put_sessions(page, child.student_id, 20, age_ms=30 * DAY_MS),
        *put_sessions(page, child.student_id, 20, age_ms=12 * DAY_MS),
        *put_sessions(page, child.student_id, 20),
    ]
    tablet.close()
    network.up()
    wait_empty(tablet.open())
    books.check(system, of(child, ids))


# Many at once


def test_two_hundred_sessions_of_three_children_from_two_tabs_and_the_service_worker(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    children = new_children(system, 3)
    page = signed_in(tablet, children[0])
    for child in children[1:]:
        show_card(page, child)
    network.down()
    expected = []
    for child, count in zip(children, (70, 70, 60), strict=True):
        expected += of(child, put_sessions(page, child.student_id, count))
    second = tablet.open()
    network.up()
    cdp, registration = service_worker(tablet, page, network.url)
    wake(page)
    wake(second)
    send_sync(cdp, registration, network.url)
    wait_empty(page)
    books.check(system, expected)
    # The Web Lock keeps the three apart: nothing was even sent twice.
    sent = [session for request in network.sync_requests for session in request.sessions]
    assert len(sent) == len(set(sent)) == 200


# The service worker on its own


@pytest.mark.parametrize("last", [False, True], ids=["a try", "the last chance"])
def test_a_native_sync_event_sends_with_no_page_open(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, last: bool
) -> None:
    page = signed_in(tablet, child)
    network.mood = always(BAD_GATEWAY)
    ids = put_sessions(page, child.student_id, 3)
    wake(page)
    while not network.sync_requests:
        page.wait_for_timeout(20)
    empty = tablet.context.new_page()
    cdp, registration = service_worker(tablet, empty, network.url)
    page.close()
    if last:  # it fails once more, and asks for another turn
        before = len(network.sync_requests)
        send_sync(cdp, registration, network.url, last=True)
        while len(network.sync_requests) == before:
            empty.wait_for_timeout(20)
    network.mood = fair
    network.sync_requests = []
    for _ in range(100):
        send_sync(cdp, registration, network.url)
        empty.wait_for_timeout(200)
        if network.sync_requests:
            break
    books.check(system, of(child, ids))
    assert outbox(tablet.open()) == []


NO_BACKGROUND_SYNC = """
delete globalThis.SyncManager;
if (globalThis.ServiceWorkerRegistration) delete ServiceWorkerRegistration.prototype.sync;
"""

SYNC_REFUSED = """
if (globalThis.SyncManager) {
  SyncManager.prototype.register = () =>
    Promise.reject(new DOMException('Permission denied.', 'NotAllowedError'));
}
"""


@pytest.mark.parametrize(
    "script", [NO_BACKGROUND_SYNC, SYNC_REFUSED], ids=["no API, as on Safari", "refused"]
)
def test_without_background_sync_the_page_is_enough(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, script: str
) -> None:
    tablet.scripts = (script,)
    page = signed_in(tablet, child)
    network.down()
    play_a_round(page)
    page.get_by_test_id("result-home").click()
    ids = ids_of(outbox(page))
    network.up()
    wait_empty(page)
    assert len(ids) == 1
    books.check(system, of(child, ids))
