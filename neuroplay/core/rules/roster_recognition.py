"""Recognise the children of a roster among students."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from neuroplay.core.entities.roster import Member, RosterChild, RosterKeys
from neuroplay.core.rules.nickname_text import nickname_key
from neuroplay.core.rules.roster_names import few_candidates

KeysOf = Callable[[RosterChild], Sequence[RosterKeys]]
"""The hashes of a child: those to store, then others by which it may be known."""


def recognised(
    children: Sequence[RosterChild],
    members: Sequence[Member],
    keys_of: KeysOf,
    arriving: Mapping[bytes, Member],
) -> dict[int, Member]:
    """The student that each child is, by its line: by its identity, else by its name, else by a
    nickname that its name could have become, if only one student and one child fit."""
    found = _by_identity(children, members, keys_of, arriving)
    taken = {one.student_id for one in found.values()}
    for marks_of_child, mark_of_member in (
        (lambda child: [keys.name for keys in keys_of(child)], lambda one: one.keys.name),
        (lambda child: [nickname_key(child.name.short)], _nickname_of),
        (lambda child: map(nickname_key, few_candidates(child.name)), _nickname_of),
    ):
        left = [child for child in children if child.line not in found]
        free = [one for one in members if one.student_id not in taken]
        for child, one in _pairs(left, free, marks_of_child, mark_of_member, keys_of):
            found[child.line] = one
            taken.add(one.student_id)
    return found


def _by_identity(
    children: Sequence[RosterChild],
    members: Sequence[Member],
    keys_of: KeysOf,
    arriving: Mapping[bytes, Member],
) -> dict[int, Member]:
    known = dict(arriving)
    known.update({one.keys.identity: one for one in members if one.keys.identity is not None})
    found: dict[int, Member] = {}
    for child in children:
        for keys in keys_of(child):
            if keys.identity is not None and keys.identity in known:
                # Two lines can mean one student while a secret is being replaced: the first has it.
                found[child.line] = known.pop(keys.identity)
                break
    return found


def _nickname_of(one: Member) -> object:
    return nickname_key(one.nickname)


def _pairs(
    children: Iterable[RosterChild],
    members: Iterable[Member],
    marks_of_child: Callable[[RosterChild], Iterable[object]],
    mark_of_member: Callable[[Member], object],
    keys_of: KeysOf,
) -> list[tuple[RosterChild, Member]]:
    """Those with a mark in common, where no other child and no other member fits."""
    with_mark: dict[object, list[Member]] = {}
    for one in members:
        with_mark.setdefault(mark_of_member(one), []).append(one)
    with_mark.pop(None, None)
    fitting = []
    wanted: dict[int, int] = {}
    for child in children:
        fits = {
            one.student_id: one
            for mark in marks_of_child(child)
            for one in with_mark.get(mark, ())
            if not _is_another(child, one, keys_of)
        }
        fitting.append((child, fits))
        for student_id in fits:
            wanted[student_id] = wanted.get(student_id, 0) + 1
    return [
        (child, one)
        for child, fits in fitting
        for one in fits.values()
        if len(fits) == 1 and wanted[one.student_id] == 1
    ]


def _is_another(child: RosterChild, one: Member, keys_of: KeysOf) -> bool:
    """Whether a student cannot be this child: both have an identity, and not the same; or an
    earlier roster had another name for the student, and now whole names are compared."""
    own = keys_of(child)
    identities = {keys.identity for keys in own}
    if None not in identities and one.keys.identity not in (None, *identities):
        return True
    names = {keys.name for keys in own}
    return not child.name.given and one.keys.name not in (None, *names)
