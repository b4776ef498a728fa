"""A teacher's first day, and the last one of the year, at the page for adults."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import Child, new_class, play_a_round
from tests.browser.tablet import (
    Tablet,
    at_home,
    expect_here,
    put_sessions,
    signed_in,
    wait_empty,
    wake,
)
from tests.browser.teacher import Teacher

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STORED = """async () => ({
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(({ name }) => name),
})"""


@pytest.fixture
def teacher(browser: Browser) -> Iterator[Teacher]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    teacher = Teacher(context.new_page())
    yield teacher
    context.close()


@pytest.mark.timeout(300)
def test_from_the_link_to_the_end_of_the_year(
    teacher: Teacher, tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    own, other = (new_class(system, students=1)["class"]["name"] for _ in range(2))
    invited = system.neuroplay("adult", "invite", f"Rita {own}", "--class", own, "--class", other)
    page = teacher.page

    # The link, once.
    teacher.joins(invited["link"], f"Rita {own}")
    assert urlsplit(page.url).fragment == ""

    # A list is seen before it is imported; then there are cards.
    teacher.opens(own, own)
    teacher.opens("Class list", "Class list")
    page.get_by_role("heading", name="Import a list").click()
    page.get_by_label("Or paste the list here").fill("Nickname\nÁgata\nBento\n")
    teacher.presses("Show what would happen")
    preview = page.get_by_role("table", name="What each line becomes")
    expect(preview.get_by_text("Not in the list")).to_have_count(1)
    expect(preview.get_by_role("row").filter(has_text="Ágata")).to_contain_text("New")
    expect(page.get_by_role("link", name="Ágata")).to_have_count(0)
    teacher.presses("Apply this list")
    expect(page.get_by_text("Done. New: 2")).to_be_visible()
    teacher.opens("Cards", "Cards")
    card = page.get_by_role("article", name="Ágata")
    class_code, card_code = (code.replace(" ", "") for code in card.locator("dd").all_inner_texts())
    assert card.locator("svg.qr path").get_attribute("d")

    # The child plays without a network, and comes back.
    teacher.opens("Children", own)
    expect(teacher.cell("Ágata", "Last contact")).to_have_text("not heard yet")
    student_id = int(
        (teacher.page.get_by_role("link", name="Ágata").get_attribute("href") or "").rsplit("/", 1)[
            -1
        ]
    )
    child = Child(student_id=student_id, nickname="Ágata", card=f"/#card={class_code}-{card_code}")
    app = signed_in(tablet, child)
    network.down()
    app.reload()
    play_a_round(app)
    app.get_by_test_id("result-home").click()
    expect_here(app, 1)
    teacher.presses("Refresh")
    expect(teacher.cell("Ágata", "Games in 7 days")).to_have_text("0")
    network.up()
    wake(app)
    wait_empty(app)
    teacher.presses("Refresh")
    expect(teacher.cell("Ágata", "Last contact")).to_have_text("just now")
    teacher.waits_for(teacher.cell("Ágata", "Games in 7 days"), "1")

    # What the child practised.
    teacher.opens("Ágata", "Ágata")
    expect(page.get_by_role("heading", name="Lantern Run")).to_be_visible()
    page.get_by_text("1 round as a table").click()
    expect(page.get_by_role("table", name="Rounds of Lantern Run")).to_be_visible()

    # A game is held, and approved.
    put_sessions(app, student_id, 1, changes={"duration": 600})
    wake(app)
    wait_empty(app)
    teacher.opens("Held games", "Held games")
    teacher.waits_for(page.get_by_role("button", name="Let it count"), "Let it count")
    page.get_by_label("Why you decide so").fill("The tablet slept in between.")
    teacher.presses("Let it count")
    expect(page.get_by_text("Ágata’s game counts now.")).to_be_visible()
    expect(page.get_by_text("No game waits for a decision.")).to_be_visible()

    # The child moves to another class, and the tablet goes on.
    teacher.opens("Class list", "Class list")
    teacher.opens("Ágata", "Ágata")
    page.get_by_label("New class").select_option(label=other)
    teacher.presses("Move")
    expect(page.get_by_text(f"Ágata is in {other} now.")).to_be_visible()
    app.reload()
    at_home(app, child)

    # The year ends.
    teacher.opens("Overview", "Overview")
    teacher.opens(own, own)
    teacher.opens("Settings", "Settings")
    with page.expect_download() as saved:
        teacher.presses("Save the year")
    assert re.fullmatch(r"neuroplay-[\w-]+-\d{4}-\d\d-\d\d\.zip", saved.value.suggested_filename)
    assert zipfile.ZipFile(saved.value.path()).testzip() is None
    teacher.presses("Archive the class")
    expect(page.get_by_text("The class is archived.", exact=True)).to_be_visible()
    teacher.opens("Children", own)
    expect(page.get_by_text("This class is archived.")).to_be_visible()
    teacher.looks_at("a class that is archived")
    teacher.opens("Overview", "Overview")
    expect(page.get_by_role("link", name=other, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=own, exact=True)).to_have_count(0)

    # A class of nobody has no tabs.
    page.goto(f"{system.url}/teacher/class/999999/cards")
    teacher.sees("There is no such page")
    teacher.looks_at("a class that does not exist")
    expect(page.get_by_role("link", name="Cards")).to_have_count(0)

    # Who signs out leaves nothing behind.
    teacher.opens("My account", f"Rita {own}")
    tab = page.context.new_page()
    tab.goto(f"{system.url}/teacher/child/{student_id}")
    expect(tab.get_by_text("Ágata").first).to_be_visible()
    teacher.presses("Sign out")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(tab.get_by_text("Ágata")).to_have_count(0)
    teacher.sees("Sign in")
    page.go_back()
    teacher.sees("Sign in")
    assert page.evaluate(STORED) == {"local": [], "session": [], "databases": []}
    page.goto(invited["link"])
    teacher.sees("This link does not work any more")
    assert teacher.found == {}
    expected = ("401", "410")  # Chromium writes of each answer that is an error
    assert [line for line in teacher.complaints if not any(code in line for code in expected)] == []
