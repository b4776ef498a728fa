"""Compare a roster with the children of a class: who is added, kept, changed or gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from neuroplay.core.entities.roster import Becomes, Member, PreviewLine, RosterChild, RosterKeys
from neuroplay.core.errors import RosterError, RosterFault
from neuroplay.core.rules.nickname_text import nickname_key
from neuroplay.core.rules.roster import LARGEST_CLASS
from neuroplay.core.rules.roster_names import few_candidates, nicknames_for
from neuroplay.core.rules.roster_recognition import KeysOf, recognised


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What a line becomes, and the hashes to store. `member` is the student that it is."""

    line: PreviewLine
    keys: RosterKeys
    member: Member | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassPlan:
    """The plan of a class, in the order of the file, then who is gone."""

    planned: Sequence[Planned]
    bad: Sequence[RosterError]


def plan_class(
    name: str,
    children: Sequence[RosterChild],
    members: Sequence[Member],
    keys_of: KeysOf,
    arriving: Mapping[bytes, Member],
) -> ClassPlan:
    """The plan of the class `name`. `members` are its students who stay; `arriving` are students
    of other classes, by the hash of their identity, who come over."""
    known = recognised(children, members, keys_of, arriving)
    gone_ids = {one.student_id for one in members} - {one.student_id for one in known.values()}
    gone = [one for one in members if one.student_id in gone_ids]
    taken = {nickname_key(one.nickname) for one in gone}
    kept = _kept_nicknames(children, known, {one.student_id for one in members}, taken, keys_of)
    new = [child for child in children if child.line not in kept]
    bad = [
        RosterError(
            line=child.line,
            column=child.column,
            fault=RosterFault.NICKNAME_TAKEN,
            message=f"another child of {name} has the nickname {child.name.short!r}",
            about=child.name.short,
        )
        for child in new
        if child.name.given and nickname_key(child.name.short) in taken
    ]
    count = len(children) + len(gone)
    if children and count > LARGEST_CLASS:
        bad.append(
            RosterError(
                line=children[-1].line,
                fault=RosterFault.CLASS_LARGE,
                message=f"a class has at most {LARGEST_CLASS} children; {name} would have {count}",
                about=str(LARGEST_CLASS),
            )
        )
    # Names of a class that is refused need not differ, and among thousands of one name it takes
    # minutes to find some that do.
    names = [child.name for child in new]
    shorts = [one.short for one in names]
    named = nicknames_for(names, taken) if count <= LARGEST_CLASS else shorts
    nicknames = kept | {child.line: name for child, name in zip(new, named, strict=True)}
    here = {one.student_id for one in members}
    return ClassPlan(
        planned=[
            *(
                _planned(name, child, known.get(child.line), nicknames, keys_of, here)
                for child in children
            ),
            *(_gone(name, one) for one in gone),
        ],
        bad=bad,
    )


def _kept_nicknames(
    children: Sequence[RosterChild],
    known: Mapping[int, Member],
    here: set[int],
    taken: set[str],
    keys_of: KeysOf,
) -> dict[int, str]:
    """The nicknames that students keep, by line; they are added to `taken`, which has the keys of
    others. A student who arrives gives way to those who are here."""
    kept: dict[int, str] = {}
    found = [(child, known[child.line]) for child in children if child.line in known]
    for child, one in sorted(found, key=lambda pair: pair[1].student_id not in here):
        key = nickname_key(one.nickname)
        if key not in taken and _still_fits(child, one, keys_of):
            taken.add(key)
            kept[child.line] = one.nickname
    return kept


def _still_fits(child: RosterChild, one: Member, keys_of: KeysOf) -> bool:
    """Whether the nickname need not change: the name in the roster is the same as before, and an
    adult may have changed the nickname here; or the nickname fits the name."""
    if one.keys.name is not None and any(one.keys.name == keys.name for keys in keys_of(child)):
        return True
    return nickname_key(one.nickname) in map(nickname_key, few_candidates(child.name))


def _planned(
    name: str,
    child: RosterChild,
    one: Member | None,
    nicknames: Mapping[int, str],
    keys_of: KeysOf,
    here: set[int],
) -> Planned:
    keys, nickname = keys_of(child)[0], nicknames[child.line]
    line = PreviewLine(
        line=child.line,
        becomes=Becomes.ADDED,
        nickname=nickname,
        class_name=name,
        avatar=child.avatar,
    )
    if one is None:
        return Planned(line=line, keys=keys)
    if keys.identity is None:
        keys = replace(keys, identity=one.keys.identity)
    is_renamed = nickname != one.nickname
    is_changed = is_renamed or one.student_id not in here
    line = replace(
        line,
        becomes=Becomes.CHANGED if is_changed else Becomes.KEPT,
        avatar=None,
        student_id=one.student_id,
        was=one.nickname if is_renamed else None,
    )
    return Planned(line=line, keys=keys, member=one)


def _gone(name: str, one: Member) -> Planned:
    line = PreviewLine(
        line=None,
        becomes=Becomes.GONE,
        nickname=one.nickname,
        class_name=name,
        student_id=one.student_id,
    )
    return Planned(line=line, keys=one.keys, member=one)
