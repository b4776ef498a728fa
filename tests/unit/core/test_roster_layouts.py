"""Whatever program wrote a roster, in whichever encoding and layout: the same children."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.entities.roster import (
    OF_A_SCHOOL,
    ON_THE_PAGE,
    RosterOptions,
    RosterReading,
    RosterSource,
)
from neuroplay.core.errors import RosterFault
from neuroplay.core.rules.read_roster import read_roster
from neuroplay.core.rules.roster_names import is_whole, nicknames_for


def read(content: bytes | str, **options: Any) -> RosterReading:
    return read_roster(RosterSource(name="3A.csv", content=content), RosterOptions(**options))


def children(content: bytes | str, **options: Any) -> list[tuple[str, str, str]]:
    reading = read(content, **options)
    assert list(reading.bad) == []
    nicknames = nicknames_for([one.name for one in reading.children], [])
    found = zip(reading.children, nicknames, strict=True)
    return [(one.class_name, nickname, one.name.written) for one, nickname in found]


ANA = [("", "Ana", "Ana María García López"), ("", "Luz", "Luz Ruiz")]


@pytest.mark.parametrize(
    "text",
    [
        "Nombre;Apellidos\nAna María;García López\nLuz;Ruiz\n",
        "Last name\tFirst name\nGarcía López\tAna María\nRuiz\tLuz\n",
        'Apellidos y nombre\n"García López, Ana María"\n"Ruiz, Luz"\n',
        '"Last name, first name"\n"García López, Ana María"\n"Ruiz, Luz"\n',
        "Nombre completo\nAna María García López\nLuz Ruiz\n",
        'Alumno,Edad\n"García López, Ana María",8\n"Ruiz, Luz",7\n',
        'sep=;\nName;Age\n"García López, Ana María";8\nRuiz, Luz;7\n',
        "Surname,Given name\nGarcía López,Ana María\nRuiz,Luz\n",
        "sourcedId,givenName,familyName,role\nu1,Ana María,García López,student\nu2,Luz,Ruiz,s\n",
        "Nome;Sobrenome;Responsável\nAna María;García López;Rosa\nLuz;Ruiz;José\n",
    ],
)
def test_a_name_is_split_in_the_order_that_the_roster_says(text: str) -> None:
    found = children(text)
    assert [one[2] for one in found] == [one[2] for one in ANA]
    assert [one[1].split()[0] for one in found] == ["Ana", "Luz"]


def test_the_order_of_words_can_be_said() -> None:
    text = "Aluno\nSilva Ana\nSouza Reis Bia\n"
    assert [one[1] for one in children(text)] == ["Silva", "Souza"]
    assert [one[1] for one in children(text, order="last-first")] == ["Ana", "Bia"]
    comma = 'Aluno\n"Ana, Silva"\n'
    assert [one[1] for one in children(comma)] == ["Silva"]
    assert [one[1] for one in children(comma, order="first-last")] == ["Ana, Silva"]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Nome;Turma\nAna;3A\nBia;3B\n", ["3A", "3B"]),
        ("Class,Name\n3A,Ana\n3B,Bia\n", ["3A", "3B"]),
        ("Curso;Grupo;Nombre\n3º;A;Ana\n3º;B;Luz\n", ["3º A", "3º B"]),
        ("Série;Turma;Nome\n3º ano;A;Ana\n4º ano;A;Bia\n", ["3º ano A", "4º ano A"]),
        ("Série;Turma;Nome\n3º ano;3A;Ana\n4º ano;4A;Bia\n", ["3A", "4A"]),
        ("Class name,Class teacher,Name\n3A,Eva,Ana\n3A,Eva,Bia\n", ["3A", "3A"]),
    ],
)
def test_the_class_of_each_child_is_read(text: str, classes: list[str]) -> None:
    assert [one[0] for one in children(text)] == classes


def test_a_line_without_its_class_or_with_an_impossible_one_is_bad() -> None:
    reading = read("Nome;Turma\nAna;\nBia;id:5\n")
    assert [str(one) for one in reading.bad] == [
        "line 2, column B (Turma): the class is empty",
        "line 3, column B (Turma): a class's name must not begin with id: (commands read id:... as "
        "its id)",
    ]


@pytest.mark.parametrize(
    ("heading", "cells", "identities"),
    [
        ("Matrícula", ["1048-2", "1048-3"], ["1048-2", "1048-3"]),
        ("Nº de matrícula", ["00012", "00013"], ["00012", "00013"]),
        ("Student ID", ["S1", "S2"], ["S1", "S2"]),
        ("Código do aluno", ['="00123"', '="00124"'], ["00123", "00124"]),
        ("Código", ["1", "2"], ["", ""]),
        ("Nº", ["1048", "1049"], ["", ""]),
        ("CPF", ["52998224725", "11144477735"], ["", ""]),
        ("ID do responsável", ["10001", "10002"], ["", ""]),
    ],
)
def test_only_a_number_of_the_school_recognises_a_child(
    heading: str, cells: list[str], identities: list[str]
) -> None:
    reading = read(f"{heading};Nome\n{cells[0]};Ana\n{cells[1]};Bia\n")
    assert [one.identity for one in reading.children] == identities


def test_a_number_that_is_there_twice_is_a_bad_line() -> None:
    (error,) = read("RA;Nome\n10001;Ana\n10001;Bia\n").bad
    assert str(error) == "line 3, column A (RA): the number is the same as on line 2"


def test_two_children_of_a_name_need_a_number() -> None:
    (error,) = read("Nome;Sobrenome\nAna;Sá\nAna;Sá\n").bad
    assert str(error) == "line 3, column A (Nome): the name is the same as on line 2"
    found = children("RA;Nome;Sobrenome\n10001;Ana;Sá\n10002;Ana;Sá\n")
    assert [one[1] for one in found] == ["Ana S.", "Ana 2"]


def test_the_name_that_a_child_prefers_goes_first() -> None:
    text = "Nome social;Nome;Sobrenome\n;Ana;Silva\nCaio;Carla;Souza\n"
    assert [one[1] for one in children(text)] == ["Ana", "Caio"]


@pytest.mark.parametrize(
    ("written", "nickname"),
    [
        ("MARIA DA CONCEIÇÃO SILVA", "Maria"),
        ("D'ÁVILA-REIS LIMA", "D'Ávila-Reis"),
        ("Wolfeschlegelsteinhausenbergerdorff Hubert", "Wolfeschlegelsteinhausen"),
        ("Raposa Veloz", "Raposa Veloz"),
        ("Blue Fox", "Blue Fox"),
        ("Ana 2", "Ana 2"),
        ("김 민수", "김"),
        ("ZÉ", "ZÉ"),
    ],
)
def test_a_name_becomes_a_nickname_that_can_be_read(written: str, nickname: str) -> None:
    assert children(f"Nome\n{written}\nX\n")[0][1] == nickname


def test_first_names_are_kept_as_far_as_there_is_room() -> None:
    text = "Nome;Sobrenome\nMaria Clara;Sá\nMaria da Conceição Aparecida;Reis\n"
    assert [one[1] for one in children(text)] == ["Maria Clara", "Maria da Conceição"]
    (error,) = read(text, full_names=True).bad
    assert error.message == "the nickname is longer than 24 characters"


@dataclass(frozen=True, kw_only=True)
class Child:
    first: str
    last: str
    number: str
    class_name: str


FIRSTS = ["Ana", "João", "Zoë", "Iñaki", "Maria Clara", "Li", "JOSÉ", "Ângela"]
LASTS = ["Silva", "da Silva", "García López", "O’Neil", "Souza", "Muñoz", "SÁ", "Núñez-Reis"]
CHILDREN = st.lists(
    st.builds(
        Child,
        first=st.sampled_from(FIRSTS),
        last=st.sampled_from(LASTS),
        number=st.integers(10_000, 99_999).map(str),
        class_name=st.sampled_from(["3A", "3B", "4º C"]),
    ),
    min_size=1,
    max_size=15,
    unique_by=(lambda one: one.number, lambda one: (one.first, one.last)),
)
HEADINGS = st.sampled_from(
    [
        {"first": "First name", "last": "Last name", "number": "Student ID", "class_name": "Class"},
        {"first": "Nome", "last": "Sobrenome", "number": "Matrícula", "class_name": "Turma"},
        {"first": "Nombre", "last": "Apellidos", "number": "Expediente", "class_name": "Clase"},
        {
            "first": "GIVEN NAME",
            "last": "surname",
            "number": "registration",
            "class_name": "Class name",
        },
    ]
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1252"])


@settings(max_examples=150)
@given(
    who=CHILDREN,
    headings=HEADINGS,
    columns=st.permutations(["first", "last", "number", "class_name", "age", "mother"]),
    encoding=ENCODINGS,
    separator=st.sampled_from(",;\t"),
    stated=st.booleans(),
    quoted=st.booleans(),
    ends=st.sampled_from(["\r\n", "\n", "\r"]),
    above=st.booleans(),
)
def test_whatever_wrote_it_the_children_are_the_same(
    who: list[Child],
    headings: dict[str, str],
    columns: list[str],
    encoding: str,
    separator: str,
    stated: bool,
    quoted: bool,
    ends: str,
    above: bool,
) -> None:
    named = {**headings, "age": "Idade", "mother": "Mother's name"}
    written = io.StringIO(newline="")
    writer = csv.writer(
        written,
        delimiter=separator,
        lineterminator=ends,
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
    )
    if stated:
        written.write(f"sep={separator}{ends}")
    if above:
        writer.writerow(["Escola Sol", *[""] * 5])
    writer.writerow([named[one] for one in columns])
    for child in who:
        values = {**vars(child), "age": "8", "mother": "Rosa, mãe"}
        writer.writerow([values[one] for one in columns])
    reading = read(written.getvalue().encode(encoding))
    assert list(reading.bad) == []
    assert [(one.class_name, one.identity, one.name.written) for one in reading.children] == [
        (one.class_name, one.number, f"{one.first} {one.last}") for one in who
    ]


@settings(max_examples=60)
@given(who=CHILDREN, comma=st.booleans())
def test_whole_names_in_either_order_give_the_same_children(who: list[Child], comma: bool) -> None:
    def text(heading: str, names: list[str]) -> str:
        lines = [f'{one.number};"{name}"' for one, name in zip(who, names, strict=True)]
        return "\n".join([f"RA;{heading}", *lines])

    firsts = [one.first.split()[0] for one in who]
    plain = [f"{first} {one.last}" for first, one in zip(firsts, who, strict=True)]
    turned = [f"{one.last}, {first}" for first, one in zip(firsts, who, strict=True)]
    if not comma:
        turned = [name.replace(",", "") for name in turned]
    heading = "Nome" if comma else "Sobrenome e nome"
    assert children(text("Nome completo", plain)) == children(text(heading, turned))


@settings(max_examples=100)
@given(st.lists(st.text(min_size=1, max_size=40), max_size=30))
def test_nicknames_of_names_never_meet_and_fit(texts: list[str]) -> None:
    reading = read("\n".join(["Nome completo", *(f'"{one}"' for one in texts if '"' not in one)]))
    nicknames = nicknames_for([one.name for one in reading.children], [])
    assert all(0 < len(one) <= 24 for one in nicknames)
    assert len({one.casefold() for one in nicknames}) == len(nicknames)
    for child, nickname in zip(reading.children, nicknames, strict=True):
        assert not is_whole(child.name.written) or nickname != child.name.written


@pytest.mark.parametrize("line", ["Ana", "", ";;;", '"Silva, Ana"'])
def test_a_list_of_too_many_lines_is_not_read_on(line: str) -> None:
    text = "Nome\n" + f"{line}\n" * 100_000
    found = read_roster(RosterSource(name="all.csv", content=text), RosterOptions())
    (bad,) = found.bad
    assert found.children == ()
    assert (bad.fault, bad.about) in {
        (RosterFault.MANY_LINES, str(OF_A_SCHOOL.lines)),
        (RosterFault.NOBODY, ""),  # empty lines alone
    }


def test_an_adult_imports_a_class_and_an_operator_a_school() -> None:
    text = "nickname\n" + "".join(f"Child {n}\n" for n in range(ON_THE_PAGE.lines))
    source, options = RosterSource(name="all.csv", content=text), RosterOptions()
    assert len(read_roster(source, options).children) == ON_THE_PAGE.lines
    rita = AdultPrincipal(adult_id=1, name="Rita", role=AdultRole.TEACHER)
    found = read_roster(source, options, by=rita)
    assert found.children == ()
    assert [str(one) for one in found.bad] == [
        f"line {ON_THE_PAGE.lines + 1}: a roster has at most {ON_THE_PAGE.lines} lines; "
        "leave those of one class"
    ]
