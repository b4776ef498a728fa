from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import RosterRefused
from neuroplay.core.rules.roster import read_roster


def names(text: str) -> list[str]:
    return [row.nickname for row in read_roster(text)]


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(RosterRefused) as refused:
        read_roster(text)
    return [(error.line, error.message) for error in refused.value.errors]


@pytest.mark.parametrize(
    "text",
    [
        "nickname\nAna\nBia\n",
        "Ana\nBia\n",
        "\ufeffapelido\r\nAna\r\nBia\r\n",
        "avatar;nickname\nfox;Ana\nowl;Bia\n",
        "nickname\tavatar\nAna\tfox\nBia\t\n",
        "\nNICKNAME\n\n  Ana \n\nBia",
        'nickname\n"Ana"\n"Bia"\n',
    ],
)
def test_a_roster_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert names(text) == ["Ana", "Bia"]


def test_an_avatar_may_be_chosen() -> None:
    rows = read_roster("nickname,avatar\nAna,Fox\nBia,\n")
    assert [row.avatar for row in rows] == ["fox", None]


def test_every_bad_line_is_named_by_its_number() -> None:
    text = "nickname,avatar\nAna,fox\n,owl\nana,\nBia,dragon\n" + "x" * 25 + ",\na@b.c,\n"
    found = faults(text)
    assert [line for line, _ in found] == [3, 4, 5, 6, 7]
    assert "same as on line 2" in found[1][1]
    assert "dragon" in found[2][1]


def test_lines_that_a_quoted_cell_spans_still_count() -> None:
    assert [line for line, _ in faults('nickname\n"Ana\nMaria"\n\n,\n' + "y" * 30 + "\n")] == [6]


def test_a_roster_without_children_and_broken_csv_are_refused() -> None:
    assert faults("")[0][0] == 1
    assert faults("nickname\n")
    assert faults('nickname\nAna\n"Bia\n')[0][0] == 3
    assert faults("nickname\nA\x00na\n")


def test_a_class_has_an_end() -> None:
    assert len(names("\n".join(f"child {n}" for n in range(200)))) == 200
    assert faults("\n".join(f"child {n}" for n in range(201)))


@given(st.text(max_size=300))
def test_whatever_the_file_holds_it_is_read_or_refused(text: str) -> None:
    with suppress(RosterRefused):
        assert read_roster(text)
