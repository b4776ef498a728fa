"""What a teacher changes at the page for adults, one thing a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import Child, new_class
from tests.browser.tablet import (
    Tablet,
    expect_here,
    hold_card,
    put_sessions,
    show_card,
    signed_in,
    wait_empty,
    wait_refused,
    wake,
)
from tests.browser.teacher import PASSPHRASE, Teacher

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Room:
    """A teacher who is signed in, and a class whose children no other test meets."""

    def __init__(self, browser: Browser, system: RunningSystem) -> None:
        made = new_class(system, students=8)
        self.name = made["class"]["name"]
        self.code = made["class"]["code"]
        self._unmet = made["students"]
        self.adult = f"Rita {self.name}"
        self.context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
        self.teacher = Teacher(self.context.new_page())
        invited = system.neuroplay("adult", "invite", self.adult, "--class", self.name)
        self.teacher.joins(invited["link"], self.adult)

    def child(self) -> Child:
        one = self._unmet.pop()
        card = f"/#card={self.code}-{one['card_code']}"
        return Child(student_id=one["id"], nickname=one["nickname"], card=card)

    def opens(self, tab: str) -> None:
        self.teacher.opens("Overview", "Overview")
        self.teacher.opens(self.name, self.name)
        self.teacher.opens(tab, tab)

    def opens_record_of(self, child: Child) -> None:
        self.opens("Class list")
        self.teacher.opens(child.nickname, child.nickname)


@pytest.fixture(scope="module")
def room(browser: Browser, system: RunningSystem) -> Iterator[Room]:
    room = Room(browser, system)
    yield room
    room.context.close()
    assert room.teacher.found == {}
    assert [line for line in room.teacher.complaints if "40" not in line] == []


def test_a_game_that_is_rejected_never_counts(
    room: Room, tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    child, teacher = room.child(), room.teacher
    app = signed_in(tablet, child)
    put_sessions(app, child.student_id, 1, changes={"duration": 600})
    wake(app)
    wait_empty(app)
    room.opens("Held games")
    reject = teacher.page.get_by_role("button", name="Do not count it")
    teacher.waits_for(reject, "Do not count it")
    reject.click()
    expect(teacher.page.get_by_text("Please write why, in a few words.")).to_be_visible()
    teacher.page.get_by_label("Why you decide so").fill("Two children had one card.")
    reject.click()
    expect(teacher.page.get_by_text(f"{child.nickname}’s game does not count.")).to_be_visible()
    expect(teacher.page.get_by_text("No game waits for a decision.")).to_be_visible()
    (item,) = system.neuroplay("sync", "list", "--student", str(child.student_id))["items"]
    assert item["state"] == "rejected"
    assert system.neuroplay("student", "show", str(child.student_id))["xp"] == 0


def test_two_entries_become_one_child_with_the_games_of_both(
    room: Room, tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    gone, stays, teacher = room.child(), room.child(), room.teacher
    played = {}
    for child in (gone, stays):
        app = signed_in(tablet, child)
        played[child.student_id] = put_sessions(app, child.student_id, 2)
        wake(app)
        wait_empty(app)
    room.opens_record_of(gone)
    entry = teacher.page.get_by_label("The entry that stays")
    entry.select_option(value=str(stays.student_id))
    teacher.presses("Merge")
    expect(teacher.page.get_by_text("Please confirm that both are the same")).to_be_visible()
    teacher.page.get_by_role("checkbox").check()
    teacher.presses("Merge")
    told = f"All games of {gone.nickname} are with {stays.nickname} now."
    expect(teacher.page.get_by_text(told)).to_be_visible()
    every = [one for ids in played.values() for one in ids]
    books.check(system, [(one, stays.student_id) for one in every])
    teacher.page.get_by_role("link", name="Back to the class list").click()
    teacher.sees("Class list")
    expect(teacher.page.get_by_role("link", name=gone.nickname, exact=True)).to_have_count(0)
    expect(teacher.page.get_by_role("link", name=stays.nickname, exact=True)).to_be_visible()


def test_an_import_is_undone(room: Room) -> None:
    page, teacher = room.teacher.page, room.teacher
    room.opens("Class list")
    before = page.get_by_role("table", name="Children").get_by_role("link").all_inner_texts()
    page.get_by_role("heading", name="Import a list").click()
    page.get_by_label("Or paste the list here").fill("Nickname\nÉlia\nrita@example.org\n")
    teacher.presses("Show what would happen")
    expect(page.get_by_text("The list has bad lines")).to_be_visible()
    teacher.looks_at("a list with a bad line")
    page.get_by_label("Or paste the list here").fill("Nickname\nÉlia\nTomé\n")
    teacher.presses("Show what would happen")
    teacher.presses("Apply this list")
    expect(page.get_by_text("Done. New: 2")).to_be_visible()
    expect(page.get_by_role("link", name="Élia", exact=True)).to_be_visible()
    teacher.presses("Undo")
    teacher.presses("Yes, undo")
    expect(page.get_by_text("The import is undone.")).to_be_visible()
    expect(page.get_by_role("link", name="Élia", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)
    after = page.get_by_role("table", name="Children").get_by_role("link").all_inner_texts()
    assert after == before


def test_a_child_is_erased_with_a_receipt(
    room: Room, tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    child, teacher = room.child(), room.teacher
    app = signed_in(tablet, child)
    put_sessions(app, child.student_id, 1)
    wake(app)
    wait_empty(app)
    room.opens_record_of(child)
    sure = teacher.page.get_by_label(f"To confirm, type the nickname: {child.nickname}")
    sure.fill("somebody else")
    teacher.presses("Erase for good")
    expect(teacher.page.get_by_text("That is not the nickname.")).to_be_visible()
    sure.fill(child.nickname)
    teacher.presses("Erase for good")
    teacher.sees("Erasure receipt")
    receipt = f"Child number {child.student_id} was erased on"
    expect(teacher.page.get_by_text(receipt)).to_be_visible()
    expect(teacher.page.get_by_text(child.nickname)).to_have_count(0)
    assert f"\nstudent {child.student_id} " in (system.home / "erasures.txt").read_text()
    # The tablet forgets the child, too.
    tablet.expected("410")
    put_sessions(app, child.student_id, 1)
    wake(app)
    expect(app.get_by_test_id("new-card")).to_be_visible()
    expect(app.get_by_test_id(f"child-{child.student_id}")).to_have_count(0)


def test_a_new_card_ends_the_old_one_and_the_tablet_keeps_its_games(
    room: Room, tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    child, teacher = room.child(), room.teacher
    app = signed_in(tablet, child)
    network.down()
    unsent = put_sessions(app, child.student_id, 2)
    room.opens_record_of(child)
    teacher.presses("New card")
    expect(teacher.page.get_by_text("The old card does not work any more.")).to_be_visible()
    codes = teacher.page.get_by_role("article", name=child.nickname).locator("dd")
    class_code, card_code = (code.replace(" ", "") for code in codes.all_inner_texts())
    assert f"/#card={class_code}-{card_code}" != child.card

    wait_refused(system, app, child.student_id)
    tablet.expected("401")
    network.up()
    wake(app)
    app.get_by_test_id("switch-child").click()
    expect(app.get_by_test_id(f"child-{child.student_id}")).to_contain_text("card")
    hold_card(app, child)
    expect(app.get_by_role("alert")).to_contain_text("card")
    assert books.inbox(system, [child.student_id]) == []
    show_card(app, replace(child, card=f"/#card={class_code}-{card_code}"))
    wait_empty(app)
    expect_here(app, 0)
    books.check(system, [(one, child.student_id) for one in unsent])


PRINTED = """() => [...document.querySelectorAll('.plot')].map((plot) => {
  const box = plot.getBoundingClientRect();
  const canvas = plot.querySelector('canvas').getBoundingClientRect();
  return box.width > 100 && Math.abs(canvas.width - box.width) < 2 && canvas.height > 50;
})"""
"""Of each plot, whether it is as wide as its place."""


def test_plots_fit_the_screen_and_the_paper(room: Room, tablet: Tablet, network: Network) -> None:
    child, teacher = room.child(), room.teacher
    app = signed_in(tablet, child)
    put_sessions(app, child.student_id, 3)
    wake(app)
    wait_empty(app)
    teacher.opens("Overview", "Overview")
    teacher.opens(room.name, room.name)
    teacher.waits_for(teacher.cell(child.nickname, "Games in 7 days"), "3")
    teacher.opens(child.nickname, child.nickname)
    page = teacher.page
    expect(page.locator(".plot canvas")).to_have_count(2)
    assert page.evaluate(PRINTED) == [True, True]
    page.set_viewport_size({"width": 700, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate(PRINTED) == [True, True]
    expect(page.get_by_text("Read from the server:")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_have_count(0)
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 1366, "height": 768})


def test_a_new_passphrase_signs_out_everywhere_else(
    room: Room, browser: Browser, system: RunningSystem
) -> None:
    newer = f"{PASSPHRASE} at night"
    context = browser.new_context(locale="en")
    other = Teacher(context.new_page())
    signs_in(other, system, room.adult, PASSPHRASE)
    other.sees("Overview")

    teacher = room.teacher
    teacher.opens("My account", room.adult)
    teacher.fills(Current_passphrase="not this one", New_passphrase=newer, The_same_once_more=newer)
    teacher.presses("Change the passphrase")
    expect(teacher.page.get_by_text("That is not your current passphrase.")).to_be_visible()
    teacher.fills(Current_passphrase=PASSPHRASE)
    teacher.presses("Change the passphrase")
    expect(teacher.page.get_by_text("The passphrase is changed.")).to_be_visible()
    teacher.opens("Overview", "Overview")

    other.presses("Refresh")
    other.sees("Sign in")
    signs_in(other, system, room.adult, PASSPHRASE)
    expect(other.page.get_by_text("The name or the passphrase is wrong.")).to_be_visible()
    signs_in(other, system, room.adult, newer)
    other.sees("Overview")
    context.close()


def test_a_child_is_added_and_found_by_keyboard_alone(room: Room) -> None:
    teacher, page = room.teacher, room.teacher.page
    teacher.opens("Overview", "Overview")
    for link, heading in ((room.name, room.name), ("Class list", "Class list")):
        teacher.tabs_to(link)
        page.keyboard.press("Enter")
        teacher.sees(heading)
    teacher.tabs_to("Add a child")
    page.keyboard.press("Enter")
    teacher.tabs_to("Nickname")
    page.keyboard.type("Íris")
    teacher.tabs_to("Add")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Íris is in the class.")).to_be_visible()
    teacher.tabs_to("Íris")
    page.keyboard.press("Enter")
    teacher.sees("Íris")


def signs_in(who: Teacher, system: RunningSystem, name: str, passphrase: str) -> None:
    who.page.goto(f"{system.url}/teacher")
    who.sees("Sign in")
    who.fills(Name=name, Passphrase=passphrase)
    who.presses("Sign in")
