from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadprofiles.profiles import PROFILES
from loadprofiles.report.page import CHARTS, MOST_SERIES, SIGNS, clock_text, page, scale_top
from loadprofiles.report.words import threshold_rows
from tests.unit.loadprofiles.documents import a_document, a_timeline

VOID = {"meta", "line", "rect", "path"}
NASTY = '<script>alert("x")</script>&"\'</style>'


class Reader(HTMLParser):
    """The elements of a page; complains where they are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page_of(**changes: Any) -> str:
    document = a_document(**changes)
    return page(document, threshold_rows(document))


def read(**changes: Any) -> Reader:
    return Reader(page_of(**changes))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_page_needs_nothing_but_itself(profile: str) -> None:
    text = page_of(profile=profile)
    reader = Reader(text)
    assert {"script", "link", "img", "iframe", "base"}.isdisjoint(tag for tag, _ in reader.tags)
    for _, attributes in reader.tags:
        assert {"src", "href", "xlink:href", "srcset"}.isdisjoint(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"url\(|@import|//(?!127\.0\.0\.1)", text)
    [policy] = [one for one in reader.all("meta") if "http-equiv" in one]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_rate_percentiles_queue_cpu_and_users_are_drawn_over_time() -> None:
    drawn = {name for chart in CHARTS for name, _ in chart.lines}
    assert {"rps", "p50_ms", "p95_ms", "p99_ms", "queue", "cpu", "users"} <= drawn
    assert drawn <= set(a_timeline()[0])
    labels = [one["aria-label"] for one in read().all("svg") if one.get("role") == "img"]
    assert len(labels) == len(CHARTS)
    assert "Response time over 2 min, from 0 to 600 ms" in labels


def test_every_chart_has_its_axes_and_a_legend_in_words() -> None:
    reader = read()
    assert "p99: mean 82.0 ms, maximum 504 ms" in reader.text
    assert "busiest generator process (of one core): mean" in reader.text
    for words in ("0 s 30 s 60 s 90 s 2 min", "600 ms 300 ms 0 ms", "80 % 40 % 0 %"):
        assert words in reader.text


def test_lines_of_one_chart_differ_by_more_than_their_colour() -> None:
    text = page_of()
    assert max(len(chart.lines) for chart in CHARTS) <= MOST_SERIES
    strokes = [re.search(rf"\.s{place} {{([^}}]*)}}", text) for place in range(MOST_SERIES)]
    rules = [found.group(1) for found in strokes if found]
    dashes = [re.search("stroke-dasharray: ([^;]*)", rule) for rule in rules]
    assert len({found and found.group(1) for found in dashes}) == MOST_SERIES


def test_a_status_is_told_by_a_sign_and_a_word() -> None:
    reader = read(figures={"p99_ms": 900.0, "cpu": None}, judged="all")
    for status in ("ok", "warn", "fail"):
        assert f"{SIGNS[status]} {status}" in reader.text
    assert "– not judged" in read(judged="ledger").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "✓ Passed"),
        ({"figures": {"lost": 3}}, "✗ Failed lost is 3, more than 0"),
        ({"void": ["it was saturated"]}, "! Void: not a valid measurement it was"),
    ],
)
def test_the_verdict_and_its_reasons_stand_on_top(changes: dict[str, Any], words: str) -> None:
    text = read(**changes).text
    assert words in text
    assert text.index(words) < text.index("Thresholds")


def test_a_limit_is_drawn_where_it_lies_on_the_scale() -> None:
    assert "limit 500" in read().text
    drawn = [one for one in read().all("line") if one["class"] == "limit"]
    assert {one["y1"] for one in drawn} == {"116.7", "0.0"}
    assert "Requests per second limit" not in read(profile="monday").text


@pytest.mark.parametrize(
    "where",
    [
        {"host": NASTY},
        {"reasons": [NASTY]},
        {"errors": {NASTY: 3}},
        {"chaos": NASTY},
        {"generator": dict.fromkeys(("machine", "python", "locust", "neuroplay"), NASTY)},
        {
            "endpoints": [
                {"name": NASTY, "requests": 1, "failures": 0}
                | dict.fromkeys(("p50_ms", "p95_ms", "p99_ms"), 1.0)
            ]
        },
    ],
    ids=lambda where: next(iter(where)),
)
def test_what_a_server_answers_is_never_markup(where: dict[str, Any]) -> None:
    text = page_of(**where)
    assert "<script" not in text
    assert NASTY in "".join(Reader(text).words)


VALUE = st.none() | st.floats(0, 1e9)
ROWS = st.lists(
    st.fixed_dictionaries({name: VALUE for name in a_timeline(2)[0] if name != "t"}), max_size=6
)


@settings(max_examples=60)
@given(rows=ROWS, step=st.floats(0.5, 200), ramp=st.none() | st.floats(0, 500))
def test_whatever_was_seen_is_drawn_within_its_chart(
    rows: list[dict[str, Any]], step: float, ramp: float | None
) -> None:
    timeline = [{"t": round(step * (n + 1), 1), **row} for n, row in enumerate(rows)]
    reader = read(timeline=timeline, ramp_s=ramp)
    assert ("too short for charts" in reader.text) == (not rows)
    for one in reader.all("path"):
        for x, y in re.findall(r"[ML](\S+?) (\S+?)(?=[hHLM]|$)", one["d"] or ""):
            assert 0 <= float(x) <= 1000
            assert 0 <= float(y) <= 200


def test_a_step_without_a_value_is_a_gap_and_a_lonely_value_a_dot() -> None:
    timeline = a_timeline(5)
    timeline[1]["queue"] = timeline[3]["queue"] = None
    text = page_of(timeline=timeline)
    queue = text[text.index("<figcaption>Pending sessions") :]
    [path] = re.findall(r'<path class="s s0" d="([^"]*)"', queue)[:1]
    assert (path.count("M"), path.count("L"), path.count("h0")) == (3, 0, 3)


def test_a_chart_of_nothing_says_so() -> None:
    timeline = [{**row, "cpu": None, "generator_cpu": None} for row in a_timeline()]
    assert "server: no data" in read(timeline=timeline).text


def test_figures_of_a_run_without_a_ramp_are_of_the_whole() -> None:
    assert "maximum 1,028 (whole run)" in read(ramp_s=None).text


def test_a_small_run_says_of_how_many_students() -> None:
    assert "50 of 2,000 students" in read(users=50).text
    assert "2,000 students, steady time" in read().text


@given(value=st.floats(0, 1e15))
def test_a_scale_holds_its_values_and_wastes_little(value: float) -> None:
    top = scale_top(value)
    assert top >= max(value, 1)
    assert top == 1 or top <= value * 1.7


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (90.4, "90 s"),
        (120, "2 min"),
        (150, "2:30 min"),
        (600, "10 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86_400, "24 h"),
    ],
)
def test_a_moment_is_told_as_people_say_it(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
