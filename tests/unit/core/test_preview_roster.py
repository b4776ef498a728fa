from __future__ import annotations

from dataclasses import replace

import pytest

from neuroplay.core.errors import NotARoster, NotFound, Refused
from tests.unit.core.rosters import RosterSchool, becomes


def test_a_preview_says_what_each_line_becomes_and_who_is_gone() -> None:
    school = RosterSchool()
    preview = school.preview("nickname\nBia\nCaio\nnickname\n")
    assert becomes(preview) == [
        (2, "kept", "Bia"),
        (3, "added", "Caio"),
        (4, "skipped", ""),
        (None, "gone", "Ana"),
    ]
    assert preview.can_apply
    assert preview.counts == {
        "added": 1,
        "kept": 1,
        "changed": 0,
        "gone": 1,
        "bad": 0,
        "skipped": 1,
    }
    assert [one.committed for one in school.store.opened[1:]] == [False]


def test_a_bad_line_is_told_with_its_column_and_nothing_can_be_applied() -> None:
    preview = RosterSchool().preview("nickname,avatar\nBia,dragon\n,owl\nCaio,fox\n")
    assert not preview.can_apply
    bad = [(one.line, one.message) for one in preview.lines if one.becomes == "bad"]
    assert bad[0][0] == 2
    assert bad[0][1].startswith("column B (avatar): unknown avatar 'dragon'")
    assert bad[1] == (3, "column A (nickname): the nickname is empty")
    assert str(preview.errors[1]) == "line 3, column A (nickname): the nickname is empty"


def test_whole_names_become_first_names_and_an_initial_only_where_two_are_alike() -> None:
    school = RosterSchool()
    preview = school.preview(
        "Nome completo\nAna Clara Souza\nCAIO DA SILVA\nAna Melo\nJosé\n", None, name="4A.csv"
    )
    assert [one.nickname for one in preview.lines] == ["Ana S.", "Caio", "Ana M.", "José"]
    (doubt,) = preview.doubts
    assert "'Ana Clara Souza' is 'Ana S.'" in doubt.message
    assert doubt.doubt == "shortened"
    assert doubt.about == "Ana Clara Souza → Ana S.; CAIO DA SILVA → Caio; Ana Melo → Ana M."


def test_whole_names_are_kept_if_the_school_insists() -> None:
    preview = RosterSchool().preview(
        "Apellidos y nombre\n'García, Luz\n".replace("'", '"').replace("Luz", 'Luz"'),
        None,
        full_names=True,
    )
    assert [one.nickname for one in preview.lines] == ["Luz García"]


def test_a_class_that_is_named_in_the_roster_is_found_or_created() -> None:
    school = RosterSchool()
    preview = school.preview("Nome;Turma\nAna;3A\nBia;3A\nCaio;3B\n", None)
    assert [(one.name, one.school_class is None) for one in preview.classes] == [
        ("3A", False),
        ("3B", True),
    ]
    assert [(one.class_name, one.becomes) for one in preview.lines] == [
        ("3A", "kept"),
        ("3A", "kept"),
        ("3B", "added"),
    ]


def test_of_a_roster_of_several_classes_an_update_takes_only_its_own() -> None:
    school = RosterSchool()
    preview = school.preview("Nome;Turma\nAna;3a\nCaio;3B\n")
    assert becomes(preview) == [(2, "kept", "Ana"), (3, "skipped", ""), (None, "gone", "Bia")]
    assert preview.lines[1].message == "of class 3B"
    none = school.preview("Nome;Turma\nAna;3C\nCaio;3B\n")
    assert not none.can_apply
    assert none.errors[0].message == "no child is in class 3A; the roster has 3C, 3B"
    other = school.preview("Nome;Turma\nAna;3C\nBia;3C\n")
    assert other.can_apply
    assert [one.message for one in other.doubts[:1]] == ["the roster is of class 3C, not 3A"]
    assert (other.doubts[0].doubt, other.doubts[0].about) == ("class_differs", "3C")


def test_it_is_asked_if_most_of_a_class_would_be_gone() -> None:
    (doubt,) = RosterSchool().preview("Nome\nCaio\n").doubts
    assert doubt.message == "2 of the 2 children of 3A (id:1) are not in this roster"
    assert (doubt.doubt, doubt.about) == ("most_gone", "2/2")


def test_a_nickname_that_somebody_who_is_not_in_the_roster_has_is_a_bad_line() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    preview = school.preview("RA;nickname\n10003;Ana\n10002;Bia\n")
    assert [str(one) for one in preview.errors] == [
        "line 2, column B (nickname): another child of 3A has the nickname 'Ana'"
    ]


def test_a_class_has_an_end() -> None:
    school = RosterSchool()
    text = "nickname\n" + "\n".join(f"child {n}" for n in range(199))
    (error,) = school.preview(text).errors
    assert "3A would have 201" in error.message
    assert not school.preview(f"{text}\nAna\nBia").can_apply
    assert school.preview("\n".join(f"child {n}" for n in range(200)), None).can_apply


def test_each_fault_has_a_code_for_pages_in_other_languages() -> None:
    text = "nickname;avatar\nBia;dragon\n;owl\nBia;\nCaio;fox;more\nnickname;avatar\n"
    faults = [
        [(str(one.fault), one.column, one.about) for one in line.faults]
        for line in RosterSchool().preview(text).lines
        if line.line
    ]
    assert faults == [
        [("avatar_unknown", "B (avatar)", "dragon")],
        [("nickname_empty", "A (nickname)", "")],
        [],
        [("more_cells", "", "")],
        [("heading_again", "", "")],
    ]


def test_no_nicknames_are_sought_for_a_class_that_is_too_large() -> None:
    text = "RA;Nome\n" + "".join(f"{number};Ana\n" for number in range(10_000, 10_201))
    preview = RosterSchool().preview(text, None)
    assert not preview.can_apply
    assert {line.nickname for line in preview.lines if line.becomes == "added"} == {"Ana"}


def test_the_id_of_a_preview_changes_with_the_roster_the_class_and_the_options() -> None:
    school = RosterSchool()
    text = "Nome\nAna\nBia\n"
    first = school.preview(text).preview_id
    assert school.preview(text).preview_id == first
    assert school.preview(text + "Caio\n").preview_id != first
    assert school.preview(text, full_names=True).preview_id != first
    with school.store() as uow:
        uow.students.rename(school.ana, "Aninha", "fox")
        uow.commit()
    assert school.preview(text).preview_id != first


def test_two_classes_of_a_name_are_never_guessed_between() -> None:
    school = RosterSchool()
    school.apply("Nome\nCaio\n", None, new=True, class_name="3A")
    with pytest.raises(Refused) as refused:
        school.preview("Nome\nAna\n", None, name="3A.csv")
    assert refused.value.code == "ambiguous_class"
    with pytest.raises(NotFound):
        school.preview("Nome\nAna\n", "9Z")


def test_an_archived_class_is_neither_updated_nor_found_by_its_name() -> None:
    school = RosterSchool()
    with school.store() as uow:
        uow.classes.save(replace(uow.classes.get(school.class_id), archived_at=school.clock()))
        uow.commit()
    with pytest.raises(Refused) as refused:
        school.preview("Nome\nAna\n", "id:1")
    assert refused.value.code == "class_archived"
    preview = school.preview("Nome\nAna\n", None, name="3A.csv")
    assert [one.school_class for one in preview.classes] == [None]


def test_what_is_no_roster_is_refused() -> None:
    with pytest.raises(NotARoster):
        RosterSchool().preview(b"%PDF-1.7")
    with pytest.raises(NotARoster):
        RosterSchool().preview("a" * (8 << 20) + "é")
