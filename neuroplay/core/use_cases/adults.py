"""Invite adults, list them, change their classes, and end or erase their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from neuroplay.core.entities.adult import Adult, AdultRole
from neuroplay.core.entities.passkey import Passkey
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import Reading, UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules import class_words
from neuroplay.core.rules.adult_names import adult_name_key, checked_adult_name
from neuroplay.core.use_cases.find_people import find_class

MOST_NAMED = 5
"""Adults that an error lists; the others are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """A new link. Only a hash of its token is stored, so it cannot be shown again."""

    adult: Adult
    token: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedAdult:
    """An adult with the classes, and what access there is: until when an invitation works, and the
    beginning and last use of each valid sign-in, most recently used first, and the passkeys."""

    adult: Adult
    classes: tuple[SchoolClass, ...]
    invited_until: datetime | None
    sign_ins: tuple[tuple[datetime, datetime], ...]
    passkeys: tuple[Passkey, ...]


class InviteAdult:
    """Creates an account, and the link by which the adult sets a passphrase."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock, secrets: Secrets) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets

    def execute(
        self, name: str, *, role: AdultRole, classes: Sequence[str] = (), who: str
    ) -> Invitation:
        """`classes` are references, as for commands that act. Raises Refused with `bad_adult_name`,
        `name_taken`, `no_classes` or as `find_class`."""
        name = checked_adult_name(name)
        _check_classes(role, classes)
        with self._uow() as uow:
            class_ids = sorted({find_class(uow, one, acting=True).class_id for one in classes})
            key = adult_name_key(name)
            adult = uow.adults.add(name, key, role)
            if adult is None:
                raise _name_taken(uow.adults.named(key), name)
            uow.adults.set_classes(adult.adult_id, class_ids)
            _record(
                uow, adult, "adult invited", who, self._clock(), role=role.value, classes=class_ids
            )
            made = _link(uow, replace(adult, class_ids=tuple(class_ids)), self._secrets)
            uow.commit()
        return made


class ResetAdult:
    """Makes a new link, for an adult who forgot the passphrase or whose link is late. The old
    passphrase and the passkeys work until the link is used; earlier links do not."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock, secrets: Secrets) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets

    def execute(self, ref: str, *, who: str) -> Invitation:
        """Raises as `find_adult`, and Refused(code="adult_ended")."""
        with self._uow() as uow:
            adult = hold_adult(uow, ref)
            _check_active(adult)
            _record(uow, adult, "adult's link renewed", who, self._clock())
            made = _link(uow, adult, self._secrets)
            uow.commit()
        return made


class ListAdults:
    def __init__(self, *, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    def execute(self) -> list[ListedAdult]:
        """By name."""
        with self._uow() as uow:
            classes = {one.class_id: one for one, _ in uow.classes.all()}
            return [_listed(uow, adult, classes) for adult in uow.adults.all()]

    def one(self, ref: str) -> ListedAdult:
        """Raises as `find_adult`."""
        with self._uow() as uow:
            classes = {one.class_id: one for one, _ in uow.classes.all()}
            return _listed(uow, find_adult(uow, ref), classes)


class ChangeAdultsClasses:
    """Gives a teacher classes, and takes some away. It is in force at the next request."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, ref: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), who: str
    ) -> ListedAdult:
        """References are as in InviteAdult. Raises as `find_adult` and `find_class`, and Refused
        with `adult_ended` or `no_classes`."""
        with self._uow() as uow:
            adult = hold_adult(uow, ref)
            _check_active(adult)
            if adult.role is AdultRole.SCHOOL:
                raise _sees_all()
            given = {find_class(uow, one, acting=True).class_id for one in add}
            taken = {find_class(uow, one, acting=True).class_id for one in remove}
            own = sorted((set(adult.class_ids) | given) - taken)
            uow.adults.set_classes(adult.adult_id, own)
            _record(uow, adult, "adult's classes changed", who, self._clock(), classes=own)
            classes = {one.class_id: one for one, _ in uow.classes.all()}
            changed = _listed(uow, replace(adult, class_ids=tuple(own)), classes)
            uow.commit()
        return changed


class EndAdultsSignIns:
    """Signs an adult out everywhere. Passphrase and passkeys stay."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, ref: str, *, who: str) -> tuple[Adult, int]:
        """The adult and the number of sign-ins that were ended. Raises as `find_adult`."""
        with self._uow() as uow:
            adult = find_adult(uow, ref)
            ended = uow.adults.end_sign_ins(adult.adult_id)
            _record(uow, adult, "adult signed out by an operator", who, self._clock(), ended=ended)
            uow.commit()
        return adult, ended


def find_adult(uow: Reading, ref: str) -> Adult:
    """The adult with this name, whatever its case, accents and spaces, or `id:7`. Raises NotFound,
    and Refused(code="ambiguous_adult") for a bare number."""
    kind, value = class_words.split(ref)
    number = class_words.as_id(value)
    if kind == class_words.ID:
        found = None if number is None else uow.adults.get(number)
    elif number is not None and not kind:
        known = uow.adults.get(number)
        whom = f"the number of {known.name}" if known else "a number, and no adult's name"
        raise Refused(
            f"{value} is only {whom}",
            code="ambiguous_adult",
            hint=f"If you mean that one, use id:{number}" if known else "See: neuroplay adult list",
        )
    else:
        found = uow.adults.named(adult_name_key(value))
    if found is None:
        raise NotFound(f"there is no adult {ref.strip()!r}", hint=_known(uow))
    return found


def _known(uow: Reading) -> str:
    names = [one.name for one in uow.adults.all()]
    if not names:
        return "Nobody was invited yet: neuroplay adult invite NAME --class CLASS"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"There is: {', '.join(names[:MOST_NAMED])}{more}"


def _check_classes(role: AdultRole, classes: Sequence[str]) -> None:
    if role is AdultRole.SCHOOL and classes:
        raise _sees_all()
    if role is AdultRole.TEACHER and not classes:
        raise Refused(
            "a teacher needs a class to see",
            code="no_classes",
            hint="Add --class CLASS, or --role school for somebody who sees every class",
        )


def _sees_all() -> Refused:
    return Refused("the school sees every class, and is given none", code="no_classes")


def _check_active(adult: Adult) -> None:
    if adult.ended_at is not None:
        raise Refused(
            f"the account of {adult.name} has ended",
            code="adult_ended",
            hint="To let the person in again, erase the account and send a new invitation: "
            f'neuroplay adult erase "{adult.name}"',
        )


def _name_taken(known: Adult | None, name: str) -> Refused:
    if known is not None and known.ended_at is not None:
        hint = f"That account has ended. Remove it: neuroplay adult erase id:{known.adult_id}"
    else:
        hint = f'For a new link: neuroplay adult reset "{known.name if known else name}"'
    return Refused(
        f"there is already an adult {known.name if known else name}", code="name_taken", hint=hint
    )


def hold_adult(uow: UnitOfWork, ref: str) -> Adult:
    """As `find_adult`, and locked. Raises NotFound also if it is erased meanwhile."""
    adult = uow.adults.lock(find_adult(uow, ref).adult_id)
    if adult is None:
        raise NotFound(f"there is no adult {ref.strip()!r}", hint=_known(uow))
    return adult


def _link(uow: UnitOfWork, adult: Adult, secrets: Secrets) -> Invitation:
    token = secrets.new_token()
    expires_at = uow.adults.add_link(adult.adult_id, secrets.adult_hash("link", token))
    return Invitation(adult=adult, token=token, expires_at=expires_at)


def _listed(uow: Reading, adult: Adult, classes: dict[int, SchoolClass]) -> ListedAdult:
    return ListedAdult(
        adult=adult,
        classes=tuple(classes[one] for one in adult.class_ids if one in classes),
        invited_until=uow.adults.open_link(adult.adult_id),
        sign_ins=tuple(uow.adults.sign_ins(adult.adult_id)),
        passkeys=tuple(uow.passkeys.of(adult.adult_id)),
    )


def _record(
    uow: UnitOfWork, adult: Adult, what: str, who: str, now: datetime, **details: object
) -> None:
    """In the audit, without the name: it goes when the adult is erased."""
    uow.audit.add(who=who, what=what, target=f"adult {adult.adult_id}", details=details, now=now)
