"""Recognise the columns of a roster by their headings, in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


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
_AVATAR = _words_of("avatar avatares avatars animal animais animales animals bicho")
_OTHER = _words_of("""
    turma turmas classe class classes clase clases grupo group groups serie ano year grade grado
    curso course sala room turno shift escola school escuela colegio
    email mail correo electronico eletronico endereco address direccion telefone telefono phone
    celular movil whatsapp
    id codigo code numero number num no nr n ordem order orden linha row matricula matriculas
    registro registration ra rm cpf rg dni curp nie cc username usuario user login senha password
    data date fecha nascimento birth nacimiento birthday aniversario dob idade age edad sexo
    genero gender sex responsavel mae pai parent parents mother father madre padre
    tutor guardian encarregado professor professora teacher profesor profesora docente
    observacoes observacao obs notes note notas nota comments comentarios
    timestamp carimbo hora marca temporal time status estado situacao
""")
_BETWEEN = _words_of("""
    o a os as do da dos das de del la el los las of the e y and s d lista list
    given first primeiro primer pila proprio social
""")
_PERHAPS = _words_of("nick nino nina nom schuler bambino first given nombres")
"""Words that may be headings or names of children."""

_CORE = _NICKNAME | _NAME | _SURNAME | _AVATAR | _OTHER
_ALL = _CORE | _BETWEEN | _FULL


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The indexes of the nickname and avatar columns, and the number of columns in `width`.

    `doubt` says why they may be wrong; '' if they are certain.
    """

    nickname: int
    width: int
    avatar: int | None = None
    doubt: str = ""


def columns_of(cells: Sequence[str]) -> Columns | None:
    """The columns, if this row is a heading with a column for nicknames or names; else None."""
    if not is_heading(cells):
        return None
    words = [words_of(cell) for cell in cells]
    avatar = next((i for i, one in enumerate(words) if one & _AVATAR), None)
    nicknames = [i for i, one in enumerate(words) if one & _NICKNAME]
    names = [i for i, one in enumerate(words) if one & _NAME and not one & (_SURNAME | _OTHER)]
    whole = [i for i, one in enumerate(words) if one & _NAME and not one & _OTHER]
    if nicknames:
        # "Apelido" is a nickname in Brazil and a surname in Portugal.
        unsure = bool(names) and "apelido" in " ".join(words[nicknames[0]])
        return Columns(
            nickname=nicknames[0],
            width=len(cells),
            avatar=avatar,
            doubt=f"the nicknames are taken from the column {cells[nicknames[0]]!r}, not from "
            f"{cells[names[0]]!r}"
            if unsure
            else "",
        )
    if not whole:
        return None
    chosen = (names or whole)[0]
    several = len(names) != 1 or bool(words[chosen] & _FULL)
    return Columns(
        nickname=chosen,
        width=len(cells),
        avatar=avatar,
        doubt=f"the nicknames are taken from the column {cells[chosen]!r}" if several else "",
    )


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
    cell = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)  # givenName, as in OneRoster
    plain = unicodedata.normalize("NFKD", cell.casefold())
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    # "aluno(a)", "alumno/a", "e-mail", "student's name", "first_name", "FirstName" as in Forms.
    plain = plain.replace("e-mail", "email").replace("firstname", "first name")
    plain = plain.replace("lastname", "last name").replace("fullname", "full name")
    return frozenset(re.findall(r"[^\W_]+", plain.replace("(", " ").replace("_", " ")))
