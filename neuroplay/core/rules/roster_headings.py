"""Recognise the columns of a roster by their headings, in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from neuroplay.core.entities.roster import Doubt, RosterDoubt


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NICKNAME = _words_of("nickname nicknames apelido apelidos alcunha apodo apodos alias codinome")
_NAME = _words_of("""
    name names nome nomes nombre nombres forename prenom vorname aluno aluna alunos alunas alumno
    alumna alumnos alumnas alumnado estudante estudantes estudiante estudiantes student students
    pupil pupils learner learners child children kid kids crianca criancas eleve eleves
""")
_FULL = _words_of("completo completa full complete")
_SURNAME = _words_of("""
    sobrenome sobrenomes surname surnames last family apellido apellidos
""")
_GIVEN = _words_of("first given primeiro primer pila forename prenom vorname")
_GIVEN_BESIDE_SURNAME = _GIVEN | _words_of("nome nomes nombre nombres")
_PREFERRED = _words_of("preferred social preferido")
_CLASS = _words_of("turma turmas classe classes class clase clases homeroom")
_GROUP = _words_of("grupo group")
_GRADE = _words_of("serie ano year grade grado curso")
_REGISTRATION = _words_of("""
    sourcedid matricula matriculas registro registration enrolment enrollment ra rm nia inep
    expediente legajo
""")
_NUMBER = _words_of("id codigo code")
_AVATAR = _words_of("avatar avatares avatars animal animais animales animals bicho")
_OTHER = _words_of("""
    turma turmas classe class classes clase clases grupo group groups serie ano year grade grado
    curso course sala room turno shift escola school escuela colegio
    email mail correo electronico eletronico endereco address direccion telefone telefono phone
    celular movil whatsapp
    id codigo code numero number num no nr n ordem order orden linha row matricula matriculas
    sourcedid registro registration enrolment enrollment inep nia expediente legajo ra rm
    cpf rg dni curp nie cc username usuario user login senha password
    data date fecha nascimento birth nacimiento birthday aniversario dob idade age edad sexo
    genero gender sex responsavel mae pai parent parents mother father madre padre
    tutor guardian encarregado professor professora teacher profesor profesora docente
    observacoes observacao obs notes note notas nota comments comentarios
    timestamp carimbo hora marca temporal time status estado situacao
""")
_BETWEEN = _words_of("""
    o a os as do da dos das de del la el los las of the e y and s d lista list
    given first primeiro primer pila proprio social preferred preferido
""")
_PERHAPS = _words_of("nick nino nina nom schuler bambino first given nombres")
"""Words that may be headings or names of children."""

_CORE = _NICKNAME | _NAME | _SURNAME | _AVATAR | _OTHER
_ALL = _CORE | _BETWEEN | _FULL


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The indexes of columns, None where there is none, and the number of all in `width`.

    There is one of `nickname`, `given` and `whole`: what the school chose as a nickname, first
    names, or names that may be whole. `last_first`: the whole names begin with the surname, as the
    heading says. `doubt` says why they may be wrong; None if they are certain.
    """

    width: int
    nickname: int | None = None
    given: int | None = None
    family: int | None = None
    whole: int | None = None
    preferred: int | None = None
    last_first: bool = False
    avatar: int | None = None
    class_name: int | None = None
    grade: int | None = None
    identity: int | None = None
    headings: tuple[str, ...] = ()
    doubt: Doubt | None = None

    @property
    def names(self) -> int:
        """The column that a line without a name lacks."""
        return next(one for one in (self.nickname, self.given, self.whole) if one is not None)

    def label(self, place: int | None) -> str:
        """A column as a spreadsheet shows it, with its heading: `B (Nome)`."""
        if place is None:
            return ""
        first, second = divmod(place, len(ascii_uppercase))
        letters = (ascii_uppercase[first - 1] if 0 < first <= 26 else "") + ascii_uppercase[second]
        heading = self.headings[place] if place < len(self.headings) else ""
        return f"{letters} ({heading[:40]})" if heading else letters


def columns_of(cells: Sequence[str]) -> Columns | None:
    """The columns, if this row is a heading with a column for nicknames or names; else None."""
    if not is_heading(cells):
        return None
    words = [words_of(cell) for cell in cells]
    base = Columns(
        width=len(cells),
        headings=tuple(cells),
        avatar=_first(words, lambda one: one & _AVATAR),
        class_name=_class_of(words),
        grade=_first(words, lambda one: one & _GRADE and one <= _GRADE | _BETWEEN),
        identity=_identity_of(words),
    )
    return _with_nicknames(base, words) or _with_names(base, words)


def _with_nicknames(base: Columns, words: Sequence[frozenset[str]]) -> Columns | None:
    """The columns, if the school chose nicknames."""
    place = _first(words, lambda one: one & _NICKNAME)
    if place is None:
        return None
    name = _first(words, _is_name)
    # "Apelido" is a nickname in Brazil and a surname in Portugal.
    if name is None or "apelido" not in " ".join(words[place]):
        return replace(base, nickname=place)
    chosen, other = base.headings[place], base.headings[name]
    return replace(base, nickname=place, doubt=_from_column(chosen, f", not from {other!r}"))


def _with_names(base: Columns, words: Sequence[frozenset[str]]) -> Columns | None:
    """The columns, if there are names."""
    preferred = _first(words, lambda one: _is_name(one) and one & _PREFERRED)
    names = [i for i, one in enumerate(words) if _is_name(one) and i != preferred]
    whole = _first(words, lambda one: _is_whole(one) and not one & _OTHER)
    family = _first(words, lambda one: one & _SURNAME and not _is_whole(one) and not one & _OTHER)
    given = next((i for i in names if words[i] & _GIVEN and not _is_whole(words[i])), None)
    if given is None and whole is None and family is not None:
        given = next(iter(names), None)
    # A column of surnames is better than none, and somebody is asked.
    alone = _first(words, lambda one: one & _NAME and not one & _OTHER)
    place = next((i for i in (given, whole, *names, preferred, alone) if i is not None), None)
    if place is None:
        return None
    unsure = any(i not in (place, whole) for i in names) or place not in (
        given,
        whole,
        preferred,
        *names,
    )
    return replace(
        base,
        given=given,
        family=family if given is not None else None,
        whole=place if given is None else None,
        last_first=given is None and _is_last_first(base.headings[place]),
        preferred=None if preferred == place else preferred,
        doubt=_from_column(base.headings[place]) if unsure else None,
    )


def _from_column(heading: str, more: str = "") -> Doubt:
    return Doubt(
        doubt=RosterDoubt.COLUMN,
        message=f"the nicknames are taken from the column {heading!r}{more}",
        about=heading,
    )


def _is_name(words: frozenset[str]) -> bool:
    return bool(words & _NAME and not words & (_SURNAME | _OTHER))


def _first(words: Sequence[frozenset[str]], fits: Callable[[frozenset[str]], object]) -> int | None:
    return next((i for i, one in enumerate(words) if fits(one)), None)


def _class_of(words: Sequence[frozenset[str]]) -> int | None:
    for named in (_CLASS, _GROUP):
        allowed = named | _BETWEEN | _NAME
        place = _first(words, lambda one: one & named and one <= allowed)  # noqa: B023
        if place is not None:
            return place
    return None


def _identity_of(words: Sequence[frozenset[str]]) -> int | None:
    """The column by which a school recognises a child. Not the number in a list, which shifts when
    a child comes, nor a national number."""
    place = _first(words, lambda one: one & _REGISTRATION)
    if place is not None:
        return place
    allowed = _NUMBER | _NAME | _BETWEEN
    return _first(words, lambda one: one & _NUMBER and one <= allowed)


def _is_whole(words: frozenset[str]) -> bool:
    """Whether a column has names and surnames: `Nome completo`, `Apellidos y nombre`."""
    both = words & _SURNAME and (words & _GIVEN_BESIDE_SURNAME or _is_surname_and_name(words))
    return bool(words & _FULL and words & _NAME) or bool(both)


def _is_surname_and_name(words: frozenset[str]) -> bool:
    return bool(words & {"surname", "surnames"} and words & {"name", "names"})


def _is_last_first(cell: str) -> bool:
    """Whether a heading such as `Apellidos y nombre` names the surname first."""
    words = _ordered(cell)
    last = next((i for i, one in enumerate(words) if one in _SURNAME), len(words))
    first = next((i for i, one in enumerate(words) if one in _GIVEN_BESIDE_SURNAME), len(words))
    return last < first or (last == 0 and _is_surname_and_name(frozenset(words)))


def is_heading(cells: Sequence[str]) -> bool:
    """Whether a row is a heading.

    Each cell that is not empty consists of known heading words; or there are several cells, and one
    of them is a heading for nicknames or names.
    """
    filled = [words for cell in cells if (words := words_of(cell))]
    if not filled:
        return False
    known = [words <= _ALL and bool(words & _CORE) for words in filled]
    if all(known):
        return True
    return (
        any(words <= _ALL and words & (_NICKNAME | _NAME) for words in filled) and len(filled) > 1
    )


def may_be_heading(cell: str, below: str) -> bool:
    """Whether a cell that `is_heading` does not recognise may still be a heading.

    It has a heading word that the cell `below` lacks, or punctuation that names do not have.
    """
    words = words_of(cell)
    return bool(words & (_CORE | _PERHAPS) - words_of(below)) or any(
        one in cell for one in "?:_#/("
    )


def words_of(cell: str) -> frozenset[str]:
    """The words of a cell, in lower case without accents."""
    return frozenset(_ordered(cell))


def _ordered(cell: str) -> list[str]:
    cell = cell.replace("sourcedId", "sourcedid")  # OneRoster's
    cell = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)  # givenName
    plain = unicodedata.normalize("NFKD", cell.casefold())
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    # "aluno(a)", "alumno/a", "e-mail", "student's name", "first_name", "FirstName" as in Forms.
    plain = plain.replace("e-mail", "email").replace("firstname", "first name")
    plain = plain.replace("lastname", "last name").replace("fullname", "full name")
    return re.findall(r"[^\W_]+", plain.replace("(", " ").replace("_", " "))
