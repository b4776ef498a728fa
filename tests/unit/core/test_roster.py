from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.roster import RosterOptions, RosterReading
from neuroplay.core.rules.roster import read_sheet
from neuroplay.core.rules.roster_names import nicknames_for


def read(text: str, **options: Any) -> RosterReading:
    return read_sheet(text, RosterOptions(**options))


def nicknames(reading: RosterReading) -> list[str]:
    return nicknames_for([child.name for child in reading.children], [])


def names(text: str, **options: Any) -> list[str]:
    """The nicknames of a roster that is read without a fault or a doubt."""
    reading = read(text, **options)
    assert (reading.bad, reading.doubts) == ((), ())
    return nicknames(reading)


def faults(text: str) -> list[tuple[int, str]]:
    return [(error.line, error.message) for error in read(text).bad]


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
        "sep=;\r\nnickname\r\nAna\r\nBia\r\n",
        '"sep=,"\nNombre,Edad\nAna,7\nBia,8\n',
        "SEP=\t\nNome\tTurma\nAna\t3A\nBia\t3A\n",
        "Nome\rAna\rBia\r",
        "Name,Class,E-mail\nAna,3A,ana@school.example\nBia,3A,\n",
        "First Name,Last Name\nAna,Silva\nBia,Souza\n",
        "Apellidos;Nombre;Clase\nGarcía;Ana;3A\nLópez;Bia;3A\n",
        "Nº;Aluno(a);Turma;Responsável\n1;Ana;3A;Rosa\n2;Bia;3A;José\n",
        "Alumno/a\nAna\n\n;;\nBia\n",
        "Student's name,Grade,Favourite colour\nAna,3,red\nBia,3,blue\n",
        "Nombre (apodo)\nAna\nBia\n",
        "Nome da criança;Avatar\nAna;raposa\nBia;coruja\n",
        "Ana;fox\nBia;búho\n",
        "sourcedId,status,role,username,givenName,familyName\nu1,active,student,a,Ana,Silva\n"
        "u2,active,student,b,Bia,Souza\n",
        "Nome\nA\u200bna\n\u200eBia\u200d\n",
    ],
)
def test_a_roster_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert names(text) == ["Ana", "Bia"]


def test_an_avatar_may_be_chosen() -> None:
    children = read("nickname,avatar\nAna,Fox\nBia,\n").children
    assert [child.avatar for child in children] == ["fox", None]


def test_every_bad_line_is_named_by_its_number() -> None:
    text = "nickname,avatar\nAna,fox\n,owl\nana,\nBia,dragon\n" + "x" * 25 + ",\na@b.c,\n"
    found = faults(text)
    assert [line for line, _ in found] == [3, 4, 5, 6, 7]
    assert "same as on line 2" in found[1][1]
    assert "dragon" in found[2][1]


def test_lines_that_a_quoted_cell_spans_still_count() -> None:
    assert [line for line, _ in faults('nickname\n"Ana\nMaria"\n\n,\n' + "y" * 30 + "\n")] == [6]


@pytest.mark.parametrize(
    "name",
    [
        "👩\u200d🚀 Lia",
        "می\u200cخواهم",
        "ශ\u0dca\u200dරී",
        "🏴\U000e0067\U000e0062\U000e007f",
        "Zoë 🌟",
    ],
)
def test_a_nickname_may_hold_what_its_script_needs(name: str) -> None:
    assert names(f"nickname\n{name}\n") == [name]


def test_letters_are_composed_and_nicknames_that_look_alike_are_the_same() -> None:
    assert names("nickname\nA\u0303na\n") == ["\u00c3na"]
    for twin in ("A\u0303na", "\u00e3NA", "\u00c3n\u200da", "\uff21\u0303na"):
        assert "same as on line 2" in faults(f"nickname\n\u00c3na\n{twin}\n")[0][1]


@pytest.mark.parametrize("name", ["\u200d", "\u0301", "\u3164", "\ufe0f\u200d"])
def test_a_nickname_that_shows_nothing_is_empty(name: str) -> None:
    assert faults(f"nickname\n{name}\nAna\n") == [(2, "the nickname is empty")]


@pytest.mark.parametrize(
    "text",
    [
        "Turma\n3A\n",
        "Número do aluno;Turma\n1;3A\n",
        "1;Ana\n2;Bia\n",
        "Ana,Silva,3A\nBia,Souza,3A\n",
        "Nome\nSilva, Ana\n",
    ],
)
def test_what_names_no_column_of_nicknames_is_refused(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    ("text", "children"),
    [
        ("Nick\nAna\n", ["Nick", "Ana"]),
        ("Qual é o seu nome?\nAna\n", ["Qual é o seu nome?", "Ana"]),
        ("Escola Sol;;\n;;\nNº;Nome;Turma\n1;Ana;3A\n", ["Ana"]),
        ("Nome;Apelido\nAna Maria;Aninha\n", ["Aninha"]),
        ("Nome completo\nAna Maria\n", ["Ana"]),
        ("Nome\nAna\nTotal de alunos: 1\n", ["Ana", "Total de alunos: 1"]),
        ("N\u00ba;Nome\n1;Ana\n;2\n", ["Ana", "2"]),
        (
            "Nome\nAna\nP\u00e1gina 1 de 2\nNome\nBia\n",
            ["Ana", "P\u00e1gina 1 de 2", "Bia"],
        ),
        ("Aluno;;Respons\u00e1vel\nNome;Sobrenome;Nome\nAna;Silva;Rosa\n", ["Nome", "Ana"]),
        ("Nome\n=B2\n#N/D\n", ["=B2", "#N/D"]),
        ("Ana|3A\nBia|3A\n", ["Ana|3A", "Bia|3A"]),
        ("3A\nAna\n", ["3A", "Ana"]),
        ("1. Ana\n2. Bia\n", ["1. Ana", "2. Bia"]),
        ("Nome\n01/02/2015\n", ["01/02/2015"]),
        ("Nome\nJo\u00c3\u00a3o\n", ["Jo\u00c3\u00a3o"]),
        ("Nome\nJo?o\n", ["Jo?o"]),
        ("Nome\nJo\ufffdo\n", ["Jo\ufffdo"]),
        ("Nome,Turma\nJo&atilde;o,3A\n", ["Jo&atilde;o"]),
        ("Nome\nJo%C3%A3o\n", ["Jo%C3%A3o"]),
        ("Nome\n<b>Ana</b>\n", ["<b>Ana</b>"]),
    ],
)
def test_where_it_is_not_sure_what_is_meant_somebody_is_asked(
    text: str, children: list[str]
) -> None:
    reading = read(text)
    assert reading.doubts or reading.shortened
    assert nicknames(reading) == children


def test_a_roster_without_children_and_broken_csv_are_refused() -> None:
    assert faults("")[0][0] == 1
    assert faults("nickname\n")
    assert faults("sep=;")
    assert faults("sep=;\nnickname\n;;\n")
    assert faults("sep=;\nnickname\nAna\nana")[0][0] == 4
    assert faults('nickname\nAna\n"Bia\n')[0][0] == 3
    assert faults("nickname\nA\x00na\n")


def test_of_many_doubtful_names_some_are_told_and_the_rest_is_counted() -> None:
    (doubt,) = read("Nome\n" + "".join(f"{n}\n" for n in range(30))).doubts
    assert doubt.message == (
        "this begins with a number: line 2, '0'; line 3, '1'; line 4, '2' and 27 more"
    )
    assert (doubt.doubt, doubt.about) == ("number", "2: 0; 3: 1; 4: 2 (+27)")


@pytest.mark.parametrize(
    "name", ["Ana 2", "J\u00e3o-Z\u00e9", "\u00c2ngela", "R2 D2", "Anjo!", "Page", "\u2b50"]
)
def test_odd_names_of_children_are_not_asked_about(name: str) -> None:
    assert names(f"Nome\n{name}\nBia\n") == [name, "Bia"]


@given(st.text(max_size=300))
def test_whatever_the_file_holds_it_is_read_or_refused(text: str) -> None:
    reading = read(text)
    assert reading.children or reading.bad
    assert all(nicknames(reading))
