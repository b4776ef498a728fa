from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from string import Formatter

import pytest

from cli.paper.dates import Dates
from cli.paper.report import report_html
from neuroplay.core.entities.figures import PlayedDay, StudentFigures
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.use_cases.report_class import (
    ClassReport,
    GameDay,
    ReportedChild,
    ReportedGame,
)

NOON = datetime(2026, 11, 28, 15, tzinfo=UTC)
TODAY = date(2026, 11, 28)
FIRST = TODAY - timedelta(days=27)
CLASS = SchoolClass(class_id=1, name="3A", code="A1B2C", created_at=NOON)


def a_game(game_type: str = "cyber_runner", levels: tuple[int, ...] = (1, 2, 4)) -> ReportedGame:
    return ReportedGame(
        game_type=game_type,
        days=[
            GameDay(day=FIRST + timedelta(days=3 * n), rounds=2, level=level, right=0.8)
            for n, level in enumerate(levels)
        ],
        last_played=NOON - timedelta(days=1),
        next_level=5,
    )


def a_child(number: int = 1, nickname: str = "Ana", *, games=None, **figures) -> ReportedChild:
    own = [a_game()] if games is None else games
    played = {one.day for game in own for one in game.days}
    days = [FIRST + timedelta(days=n) for n in range(28)]
    return ReportedChild(
        student=Student(
            student_id=number, class_id=1, nickname=nickname, avatar="fox", created_at=NOON
        ),
        figures=StudentFigures(student_id=number, nickname=nickname, avatar="fox", **figures),
        days=[
            PlayedDay(day=day, seconds=600.0 * (day in played), games=2 * (day in played))
            for day in days
        ],
        games=own,
    )


def html_of(*children: ReportedChild, language: str = "en", of: SchoolClass = CLASS) -> str:
    report = ClassReport(
        at=NOON,
        first=FIRST,
        last=TODAY,
        utc_offset_minutes=-180,
        school_class=of,
        children=children,
    )
    return report_html(report, language=language)


def text_of(html: str) -> str:
    return unescape(
        re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S))
    )


def test_the_report_needs_nothing_from_elsewhere():
    html = html_of(a_child())
    assert not re.search(r"<(script|link|img|iframe)\b|@import|url\((?!data:)|src=", html)
    assert re.findall(r'href="([^"]*)"', html) == ["#child-1"]


def test_children_are_in_the_order_given_each_on_new_pages():
    html = html_of(a_child(9, "Zoe"), a_child(3, "Ana"))
    assert re.findall(r'<article class="child" id="child-(\d+)">', html) == ["9", "3"]
    assert re.search(r"\.child \{[^}]*break-before: page", html)


def test_a_child_shows_how_fresh_the_figures_are_and_what_has_not_arrived():
    heard = NOON - timedelta(days=2)
    child = a_child(last_heard=heard, last_played=heard, unsent=3, held=1, counting=2)
    html = html_of(child)
    text = text_of(html)
    assert "Last contact of a tablet 26 November 2026, 12:00" in text
    assert "Rounds that a tablet still holds 3" in text
    assert "Rounds that wait for an adult 1" in text
    assert "Rounds that are being counted 2" in text
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html)
    assert len(captions) == 3
    assert all("as of 26 Nov, 12:00" in one for one in captions)


def test_what_is_nothing_is_not_told_and_a_child_without_contact_is():
    text = text_of(html_of(a_child(games=[])))
    assert "Last contact of a tablet none yet" in text
    assert "Last round that arrived none yet" in text
    assert "No round of this child" in text
    assert "Rounds that a tablet still holds" not in text
    assert '<svg class="plot' not in html_of(a_child(games=[]))


def test_each_plot_has_a_title_a_description_and_its_figures_in_a_table():
    html = html_of(a_child(games=[a_game(), a_game("signal_stop", (1,))]))
    plots = re.findall(r'<svg class="plot".*?</svg>', html)
    assert len(plots) == 5
    assert all("<title id=" in one and "<desc id=" in one for one in plots)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert html.count("<table>") == 3
    row = '<tr><th scope="row">7 November 2026</th><td>2</td><td>4</td><td>80%</td></tr>'
    assert row in html
    assert "Days with a value: 3. Lowest 1, highest 4, last 4." in html


def test_a_game_says_what_it_practises_and_where_the_next_round_starts():
    text = text_of(html_of(a_child()))
    assert f"Practised here: {GAMES['cyber_runner'].skill_names['en']}." in text
    assert "Rounds in this time: 6. Last one: 27 November 2026, 12:00." in text
    assert "The next round starts at level 5." in text
    untold = replace(a_game(), next_level=None)
    assert "The next round" not in text_of(html_of(a_child(games=[untold])))


def test_a_day_without_right_answers_to_tell_has_a_dash_and_no_point():
    day = GameDay(day=FIRST, rounds=1, level=2, right=None)
    html = html_of(a_child(games=[replace(a_game(), days=[day])]))
    assert "<td>1</td><td>2</td><td>–</td>" in html
    level, right = re.findall(r'<svg class="plot".*?</svg>', html)[1:]
    assert ("<circle" in level, "<circle" in right) == (True, False)


def test_a_plot_shows_the_levels_around_those_that_were_played():
    html = html_of(a_child(games=[a_game("memory_pairs", levels=(1, 2, 3))]))
    level = re.findall(r'<svg class="plot".*?</svg>', html)[1]
    assert [f">{n}</text>" in level for n in (1, 6, 20)] == [True, True, False]
    html = html_of(a_child(games=[a_game("memory_pairs", levels=(20,))]))
    assert ">20</text>" in re.findall(r'<svg class="plot".*?</svg>', html)[1]


def test_a_level_that_todays_rules_do_not_have_is_inside_its_plot():
    html = html_of(a_child(games=[a_game("cyber_runner", (0, 12, 99))]))
    level = re.findall(r'<svg class="plot".*?</svg>', html)[1]
    assert min(float(y) for y in re.findall(r'cy="([\d.]+)"', level)) >= 0
    assert ">99</text>" in level


@pytest.mark.parametrize(
    "name",
    ["<b>x</b> & \"y\" 'z'", "</title><script>alert(1)</script>", "نور", "🦊👩‍🚀", "{{ 7*7 }}"],
)
def test_names_are_text_in_any_script_and_never_markup(name):
    html = html_of(a_child(1, name), of=replace(CLASS, name=name))
    assert "<script" not in html
    assert "<b>x" not in html
    assert name in text_of(html)
    shown = re.findall(r"<h2><bdi>(.*?)</bdi></h2>", html)
    assert [unescape(one) for one in shown] == [name]


def test_made_up_play_is_called_so_on_the_front_and_with_each_child():
    words = LANGUAGES["en"].class_report
    demo = replace(CLASS, has_made_up_play=True)
    assert html_of(a_child(1), a_child(2), of=demo).count(words.made_up) == 3
    assert words.made_up not in html_of(a_child(1))


def test_a_class_without_children_is_told_so():
    assert LANGUAGES["en"].class_report.no_children in html_of()


def test_two_hundred_children_are_a_page_that_a_browser_opens():
    games = [a_game(game) for game in GAMES]
    html = html_of(*(a_child(n, f"Child {n}", games=games) for n in range(1, 201)))
    assert html.count('<article class="child"') == 200
    assert len(html.encode()) < 20_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_the_language_with_every_place_filled(language):
    words = LANGUAGES[language].class_report
    child = a_child(last_heard=NOON, last_played=NOON, unsent=1, counting=1, held=1)
    html = html_of(child, language=language)
    assert f'<html lang="{language}">' in html
    text = text_of(html)
    assert "{" not in text
    for said in (words.how, *words.about, words.heard, words.held, words.table, words.level_plot):
        assert " ".join(said.split()) in text


HOW_DATES_ARE_WRITTEN = {"date", "short_date", "months"}


def places(language: str) -> dict[str, list[set[str]]]:
    """The placeholders of each text, by its name."""
    texts = asdict(LANGUAGES[language].class_report)
    return {
        name: [
            {place for _, place, _, _ in Formatter().parse(one) if place}
            for one in ([text] if isinstance(text, str) else text)
        ]
        for name, text in texts.items()
        if name not in HOW_DATES_ARE_WRITTEN
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_has_the_places_of_the_english_one(language):
    assert places(language) == places("en")


@pytest.mark.parametrize(
    ("language", "day", "short", "moment"),
    [
        ("en", "5 March 2026", "5 Mar", "4 March 2026, 21:30"),
        ("pt-BR", "5 de março de 2026", "05/03", "4 de março de 2026, 21:30"),
        ("es", "5 de marzo de 2026", "05/03", "4 de marzo de 2026, 21:30"),
    ],
)
def test_dates_are_written_as_in_the_language_by_the_clock_of_the_class(
    language, day, short, moment
):
    dates = Dates(words=LANGUAGES[language].class_report, utc_offset_minutes=-180)
    assert dates.day(date(2026, 3, 5)) == day
    assert dates.short_day(date(2026, 3, 5)) == short
    at = datetime(2026, 3, 5, 0, 30, tzinfo=UTC)
    assert dates.moment(at) == moment
    there = dates.short_day(date(2026, 3, 4))
    assert dates.short_moment(at) == f"{there}, 21:30"


@pytest.mark.parametrize(
    ("minutes", "zone"), [(0, "UTC"), (-180, "UTC−3"), (330, "UTC+5:30"), (-210, "UTC−3:30")]
)
def test_a_time_zone_is_written_by_its_distance_from_utc(minutes, zone):
    words = LANGUAGES["en"].class_report
    assert Dates(words=words, utc_offset_minutes=minutes).zone == zone


CLAIMS = re.compile(
    r"intelig|intellig|\b(?:IQ|QI|CI)\b|brain|c[ée]rebro|smarter|mais esperto|más listo", re.I
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_claims_what_science_disputes(language):
    assert not CLAIMS.search(text_of(html_of(a_child(), language=language)))
