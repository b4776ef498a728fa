"""The whole way: a card's link, a round, the result, the row in PostgreSQL, XP on the home screen,
and the commands that show where the game is."""

from __future__ import annotations

import re
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Page, expect
from psycopg2.extras import RealDictCursor

from neuroplay.config import load_settings
from tests.browser.conftest import RunningSystem
from tests.browser.play import (
    card_link,
    new_class,
    open_game,
    play_a_round,
    start_a_round,
    watch_console,
)

pytestmark = pytest.mark.browser


def test_a_scanned_card_leads_to_a_game_that_everyone_can_see(
    page: Page, system: RunningSystem
) -> None:
    complaints = watch_console(page)
    before = system.neuroplay("sync", "status")
    made = new_class(system, students=2)
    page.goto(card_link(system, made, 0))

    level = page.get_by_test_id("level")
    expect(level).to_have_attribute("data-xp", "0")
    assert "card" not in page.url

    score = play_a_round(page)
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "true")
    page.get_by_test_id("result-home").click()
    # The server counts as the tablet did: the number that shows at once stays when it answers.
    expect(page.get_by_test_id("safe")).to_have_attribute("data-here", "0")
    shown = int(level.get_attribute("data-xp") or 0)
    assert shown > score

    student_id = made["students"][0]["id"]
    row = wait_for_row(system, student_id)
    assert row["score"] == score
    assert row["completed"] is True
    page.reload()
    expect(level).to_have_attribute("data-xp", str(row["xp"]))

    status = system.neuroplay("status")
    assert {process["state"] for process in status["processes"]} == {"RUNNING"}
    # What a tablet played, the rules play again on the server.
    assert wait_for_verdict(system, student_id) == "verified"
    counts = system.neuroplay("sync", "status")
    assert counts["processed"] == before["processed"] + 1
    aside = ("failed", "invalid", "held", "conflict")
    assert [counts[state] for state in aside] == [before[state] for state in aside]
    listed = system.neuroplay("sync", "list", "--student", str(student_id))
    items = listed["items"] if isinstance(listed, dict) else listed
    assert [item["state"] for item in items] == ["processed"]
    assert complaints == []


def wait_for_row(system: RunningSystem, student_id: int) -> dict[str, Any]:
    """The student's stored session and XP, as soon as the worker has written them."""
    return wait_for(
        system,
        "SELECT s.score, s.completed, p.xp FROM game_sessions s "
        "JOIN students p USING (student_id) WHERE student_id = %s",
        student_id,
    )


def wait_for_verdict(system: RunningSystem, student_id: int) -> str:
    """The verdict on the student's session, once its trace was looked at."""
    looked_at = (
        "SELECT verdict FROM game_sessions WHERE student_id = %s "
        "AND (verdict <> 'plausible' OR verify_reasons <> '{}')"
    )
    return str(wait_for(system, looked_at, student_id)["verdict"])


def wait_for(system: RunningSystem, query: str, student_id: int) -> dict[str, Any]:
    """The query's first row, as soon as it has one."""
    settings = load_settings(home=system.home)
    connection = psycopg2.connect(
        host=str(settings.runtime_dir / "pg"), user="neuroplay", dbname="neuroplay"
    )
    try:
        connection.autocommit = True
        with connection.cursor(cursor_factory=RealDictCursor) as cursor:
            for _ in range(200):
                cursor.execute(query, (student_id,))
                found = cursor.fetchone()
                if found:
                    return dict(found)
                cursor.execute("SELECT pg_sleep(0.05)")
    finally:
        connection.close()
    raise AssertionError(f"in ten seconds nothing came: {query}")


def test_a_typed_card_signs_in_and_a_wrong_one_is_told_in_words(
    page: Page, system: RunningSystem
) -> None:
    made = new_class(system, students=1)
    code, card = made["class"]["code"], made["students"][0]["card_code"]
    page.goto(system.url)
    page.get_by_test_id("new-card").click()
    field = page.get_by_test_id("card-field")
    field.fill(code + "0000000000")
    page.get_by_test_id("card-go").click()
    expect(page.get_by_role("alert")).to_contain_text("card")
    # Small letters, spaces and hyphens are forgiven.
    field.fill(f"{code.lower()} {card[:5].lower()}-{card[5:]}")
    page.get_by_test_id("card-go").click()
    expect(page.get_by_test_id("level")).to_be_visible()


def leave_a_round(page: Page) -> None:
    page.get_by_test_id("game-pause").click()
    page.get_by_test_id("game-leave").click()


def test_leaving_a_longer_round_keeps_what_was_played(page: Page, system: RunningSystem) -> None:
    made = new_class(system, students=1)
    page.goto(card_link(system, made, 0))
    start_a_round(page)
    # At the first level nobody has so many points before ten seconds of play.
    enough = re.compile(r"^([4-9]\d|\d{3})$")
    expect(page.get_by_test_id("game-score")).to_have_text(enough, timeout=30_000)
    leave_a_round(page)
    expect(page.get_by_test_id("result-score")).to_be_visible()
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "true")
    # Its trace says where it was left.
    assert wait_for_verdict(system, made["students"][0]["id"]) == "verified"


def test_leaving_at_once_keeps_nothing(page: Page, system: RunningSystem) -> None:
    made = new_class(system, students=1)
    page.goto(card_link(system, made, 0))
    open_game(page)
    leave_a_round(page)
    expect(page.get_by_test_id("level")).to_have_attribute("data-xp", "0")
    expect(page.get_by_test_id("safe")).to_have_attribute("data-here", "0")


def test_the_language_can_be_changed_and_stays(page: Page, system: RunningSystem) -> None:
    made = new_class(system, students=1)
    page.goto(card_link(system, made, 0))
    page.get_by_test_id("adults").click()
    door = page.get_by_test_id("hold")
    door.focus()
    page.keyboard.down("Enter")
    page.get_by_test_id("language-es").check(timeout=30_000)
    page.keyboard.up("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Para adultos")
    page.get_by_test_id("back").click()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("¡Hola")
