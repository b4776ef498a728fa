from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.errors import Refused, RosterRefused
from tests.fakes.services import FakeSecrets
from tests.unit.core.rosters import RosterSchool, becomes


def test_a_roster_makes_a_class_or_nothing() -> None:
    school = RosterSchool()
    made = school.apply("nickname,avatar\nAna,bear\nBia,\n", None)
    assert [(c.student.nickname, c.student.avatar) for c in made.added] == [
        ("Ana", "bear"),
        ("Bia", "owl"),
    ]
    assert [one.name for one in made.classes] == ["3B"]
    with pytest.raises(RosterRefused) as refused:
        school.apply("nickname\nAna\n\nana\n", None, name="3C.csv")
    assert [error.line for error in refused.value.errors] == [4]
    assert "line 4, column A (nickname): " in refused.value.message
    assert len(school.store.tables.classes) == 2


def test_a_roster_that_is_imported_twice_adds_nobody() -> None:
    school = RosterSchool()
    text = "Matrícula;Nome completo;Turma\n1001;Ana Sá;4A\n1002;Ana Lima;4A\n1003;Ana Sá;4B\n"
    first = school.apply(text, None)
    again = school.apply(text, None)
    assert (len(first.added), first.counts["added"]) == (3, 3)
    assert (again.import_id, len(again.added), again.counts["kept"]) == (None, 0, 3)
    assert sorted(school.nicknames("4A") + school.nicknames("4B")) == ["Ana", "Ana L.", "Ana S."]


def test_neither_a_number_nor_a_whole_name_is_stored() -> None:
    school = RosterSchool()
    school.apply("Matrícula;Nome completo\n99887766;Caio Zanzibar\n")
    assert "99887766" not in repr(school.store.tables)
    assert "Zanzibar" not in repr(school.store.tables)
    assert "zanzibar" not in repr(school.store.tables)


def test_a_child_is_recognised_after_both_were_renamed() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    with school.store() as uow:
        uow.students.rename(school.ana, "Foguete", "fox")
        uow.commit()
    # The roster did not change: what an adult chose here stays.
    assert becomes(school.preview("nickname;RA\nBia;10002\nAna;10001\n")) == [
        (2, "kept", "Bia"),
        (3, "kept", "Foguete"),
    ]
    # It did: the child has the new nickname.
    applied = school.apply("nickname;RA\nBia;10002\nAninha;10001\n")
    changed = [one for one in applied.preview.lines if one.becomes == "changed"]
    assert [(one.was, one.nickname, one.student_id) for one in changed] == [
        ("Foguete", "Aninha", school.ana)
    ]
    assert school.nicknames() == ["Aninha", "Bia"]


def test_two_children_can_swap_their_nicknames() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    school.apply("RA;nickname\n10001;Bia\n10002;Ana\n")
    assert school.nicknames() == ["Bia", "Ana"]


def test_a_child_moves_where_the_roster_has_several_classes() -> None:
    school = RosterSchool()
    school.apply("RA;Nome;Turma\n10001;Ana;3A\n10002;Bia;3A\n", None)
    text = "RA;Nome;Turma\n10001;Ana;3A\n10002;Bia;3B\n10003;Caio;3B\n"
    lines = school.preview(text, None).lines
    assert [(one.becomes, one.was_class, one.class_name) for one in lines] == [
        ("kept", None, "3A"),
        ("changed", "3A", "3B"),
        ("added", None, "3B"),
    ]
    school.apply(text, None)
    assert (school.nicknames("3A"), school.nicknames("3B")) == (["Ana"], ["Bia", "Caio"])
    assert school.store.tables.students[school.bia].nickname == "Bia"


def test_a_child_who_moves_gives_way_to_one_who_has_its_nickname() -> None:
    school = RosterSchool()
    school.apply("RA;Nome;Turma\n10001;Ana Sá;3A\n10002;Ana Reis;3B\n", None)
    school.apply("RA;Nome;Turma\n10001;Ana Sá;3B\n10002;Ana Reis;3B\n", None)
    assert sorted(school.nicknames("3B")) == ["Ana", "Ana S."]


def test_numbers_that_only_count_the_lines_recognise_nobody() -> None:
    school = RosterSchool()
    school.apply("Código;nickname\n1;Ana\n2;Bia\n")
    preview = school.preview("Código;nickname\n1;Abel\n2;Ana\n3;Bia\n")
    assert becomes(preview) == [(2, "added", "Abel"), (3, "kept", "Ana"), (4, "kept", "Bia")]


def test_who_is_gone_is_left_or_moved_and_never_erased() -> None:
    school = RosterSchool()
    school.apply("Nome\nAna\n", None, name="Old.csv")
    school.apply("Nome\nBia\nCaio\n")
    assert school.nicknames() == ["Ana", "Bia", "Caio"]
    made = school.apply("Nome\nBia\nCaio\n", gone_to="Old")
    with school.store() as uow:
        assert uow.rosters.get(made.import_id or 0).class_ids == [1, 2]
    assert school.nicknames() == ["Bia", "Caio"]
    assert school.nicknames("Old") == ["Ana 2", "Ana"]
    with pytest.raises(Refused) as refused:
        school.apply("Nome\nBia\n", gone_to="3A")
    assert refused.value.code == "same_class"
    school.apply("\n".join(f"child {n}" for n in range(199)), None, name="Full.csv")
    with pytest.raises(Refused) as full:
        school.apply("Nome\nDora\n", gone_to="Full")
    assert full.value.code == "class_full"


def test_what_changed_since_the_preview_is_not_applied() -> None:
    school = RosterSchool()
    text = "Nome\nAna\nCaio\n"
    seen = school.preview(text).preview_id
    with school.store() as uow:
        uow.students.add(school.class_id, "Caio", "owl")
        uow.commit()
    with pytest.raises(Refused) as refused:
        school.apply(text, preview_id=seen)
    assert refused.value.code == "roster_changed"
    assert school.nicknames() == ["Ana", "Bia", "Caio"]


def test_lists_of_nicknames_and_of_whole_names_can_follow_each_other() -> None:
    school = RosterSchool()
    school.apply("nickname\nAna\nBia\n")
    for text in ("Nome completo\nAna Sá\nBia Reis\n", "nickname\nAna\nBia\n"):
        assert [one.becomes for one in school.apply(text).preview.lines] == ["kept", "kept"]


def test_a_new_child_whose_nickname_would_be_that_of_another_is_no_other() -> None:
    school = RosterSchool()
    school.apply("Nome completo\nAna Silva\nBia Reis\n")
    preview = school.preview("Nome completo\nAna Souza\nBia Reis\n")
    assert becomes(preview) == [(2, "added", "Ana S."), (3, "kept", "Bia"), (None, "gone", "Ana")]


def test_children_are_recognised_while_the_secret_is_being_replaced() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    school.secrets = FakeSecrets("new", old=FakeSecrets())
    school.apply("RA;nickname\n10001;Clara\n10002;Bia\n")
    assert school.nicknames() == ["Clara", "Bia"]
    school.secrets = FakeSecrets("new")
    school.apply("RA;nickname\n10001;Dora\n10002;Bia\n")
    assert school.nicknames() == ["Dora", "Bia"]


def test_an_import_is_in_the_audit_with_numbers_only() -> None:
    school = RosterSchool()
    school.apply("Nome\nAna\nBia\nCaio\n")
    last = school.store.tables.audit[-1]
    assert (last["who"], last["what"], last["target"]) == ("eva", "roster imported", "class 1")
    assert last["details"] == {
        "import": 1,
        "added": 1,
        "kept": 2,
        "changed": 0,
        "gone": 0,
        "bad": 0,
        "skipped": 0,
    }


NAMES = st.lists(
    st.tuples(
        st.sampled_from(["Ana", "Bia", "José", "Li", "Maria Clara"]),
        st.sampled_from(["Silva", "da Silva", "Souza", "Sá", "Ávila Reis"]),
    ),
    max_size=12,
    unique=True,
)


@settings(max_examples=60)
@given(first=NAMES, second=NAMES, numbered=st.booleans())
def test_whatever_two_rosters_say_nicknames_differ_and_nobody_is_added_twice(
    first: list[tuple[str, str]], second: list[tuple[str, str]], numbered: bool
) -> None:
    everybody = list(dict.fromkeys([*first, *second]))

    def text(children: list[tuple[str, str]]) -> str:
        lines = [
            f"{10_000 + everybody.index(one) if numbered else ''};{one[0]};{one[1]}"
            for one in children
        ]
        return "\n".join(["RA;Nome;Sobrenome", "10999;Zoe;Reis", *lines])

    school = RosterSchool()
    for children in (first, second, first, second):
        applied = school.apply(text(children), None, name="4A.csv")
        again = school.apply(text(children), None, name="4A.csv")
        assert again.import_id is None, again.preview.lines
        shown = [one.casefold() for one in school.nicknames("4A")]
        assert len(set(shown)) == len(shown)
        assert applied.counts["bad"] == 0
    assert len(school.nicknames("4A")) == len(everybody) + 1
