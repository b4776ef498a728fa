"""Plan the import of a roster into classes that exist, or that it creates."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from neuroplay.core.entities.actor import Actor, Operator
from neuroplay.core.entities.roster import (
    Becomes,
    Doubt,
    LineFault,
    Member,
    PreviewClass,
    PreviewLine,
    RosterChild,
    RosterDoubt,
    RosterKeys,
    RosterOptions,
    RosterPreview,
    RosterReading,
    RosterSource,
    SkippedLine,
)
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.errors import Refused, RosterError, RosterFault
from neuroplay.core.interfaces.services import Secrets
from neuroplay.core.interfaces.unit_of_work import Reading
from neuroplay.core.rules import class_words
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.rules.nickname_text import nickname_key
from neuroplay.core.rules.roster_doubts import shortened_doubt
from neuroplay.core.rules.roster_plan import Planned, plan_class
from neuroplay.core.rules.roster_recognition import KeysOf
from neuroplay.core.use_cases.find_people import check_open
from neuroplay.core.use_cases.reach import see_class


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedClass:
    """A class of an import. `school_class` is None if it is created."""

    name: str
    school_class: SchoolClass | None
    planned: Sequence[Planned]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPlan:
    preview: RosterPreview
    classes: Sequence[PlannedClass]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    name: str
    school_class: SchoolClass | None
    children: Sequence[RosterChild]


def plan_import(
    uow: Reading,
    reading: RosterReading,
    class_ref: str | None,
    source: RosterSource,
    options: RosterOptions,
    secrets: Secrets,
    by: Actor,
) -> ImportPlan:
    """What importing what was read would do: into the class of `class_ref`, or for None into those
    that the roster names.

    Children move between classes only where the roster has several. Raises NotFound, and Refused
    with `ambiguous_class`, `class_archived` or `bad_class_name`.
    """
    reading, targets = _targets(uow, reading, class_ref, source, options, by)
    keys_of = _keys_of(secrets, reading.children)
    known = [one.school_class for one in targets if one.school_class]
    members = uow.rosters.members([one.class_id for one in known])
    arriving = _arriving(uow, targets, keys_of) if len(targets) > 1 else {}
    leaving = {one.student_id for some in arriving.values() for one in some.values()}
    staying: dict[int | None, list[Member]] = {}
    for one in members:
        if one.student_id not in leaving:
            staying.setdefault(one.class_id, []).append(one)
    bad = list(reading.bad)
    classes = []
    for target in targets:
        own = target.school_class.class_id if target.school_class else None
        coming, here = arriving.get(target.name, {}), staying.get(own, [])
        plan = plan_class(target.name, target.children, here, keys_of, coming)
        bad += plan.bad
        classes.append(
            PlannedClass(name=target.name, school_class=target.school_class, planned=plan.planned)
        )
    lines = _lines(classes, bad, reading.skipped, _class_names(uow, arriving))
    state = [[one.name, one.school_class.class_id if one.school_class else None] for one in targets]
    preview = RosterPreview(
        preview_id=_digest(state, members, arriving, source, options),
        classes=[PreviewClass(name=one.name, school_class=one.school_class) for one in targets],
        lines=lines,
        doubts=[*reading.doubts, *_shortened(reading, classes), *_most_gone(classes)],
        errors=sorted(bad, key=lambda one: one.line),
        guessed=reading.guessed,
    )
    return ImportPlan(preview=preview, classes=classes)


def _targets(
    uow: Reading,
    reading: RosterReading,
    class_ref: str | None,
    source: RosterSource,
    options: RosterOptions,
    by: Actor,
) -> tuple[RosterReading, Sequence[_Target]]:
    """The classes with their children, and the reading without the others."""
    if class_ref is not None or not isinstance(by, Operator):
        one = see_class(uow, by, class_ref or "", acting=True)
        check_open(one)
        reading = _only(reading, one.name)
        return reading, [_Target(name=one.name, school_class=one, children=reading.children)]
    if options.class_name:
        reading = _only(reading, options.class_name)
        names = {options.class_name: list(reading.children)}
    else:
        names = {}
        for child in reading.children:
            names.setdefault(child.class_name or PurePath(source.name).stem, []).append(child)
    known = [] if options.new else [one for one, _ in uow.classes.all()]
    called = class_words.by_name(one for one in known if not one.is_archived)
    return reading, [
        _Target(
            name=checked_class_name(name),
            school_class=_only_one(called.get(checked_class_name(name), [])),
            children=children,
        )
        for name, children in names.items()
    ]


def _only_one(called: Sequence[SchoolClass]) -> SchoolClass | None:
    """The class of a name, None if there is none."""
    if len(called) > 1:
        raise Refused(
            f"there are {len(called)} classes {called[0].name}",
            code="ambiguous_class",
            hint=f"Update one of them: neuroplay class update id:{called[0].class_id} FILE",
        )
    return called[0] if called else None


def _only(reading: RosterReading, class_name: str) -> RosterReading:
    """The children of this class, if the roster knows it; all, if it has only one class."""
    wanted = nickname_key(class_name)
    names = list(dict.fromkeys(one.class_name for one in reading.children))
    if any(nickname_key(name) == wanted for name in names):
        skipped = [
            SkippedLine(
                line=one.line,
                fault=RosterFault.OTHER_CLASS,
                message=f"of class {one.class_name}",
                class_name=one.class_name,
            )
            for one in reading.children
            if nickname_key(one.class_name) != wanted
        ]
        return replace(
            reading,
            children=[one for one in reading.children if nickname_key(one.class_name) == wanted],
            skipped=[*reading.skipped, *skipped],
        )
    if len(names) <= 1:
        doubt = [
            Doubt(
                doubt=RosterDoubt.CLASS_DIFFERS,
                message=f"the roster is of class {name}, not {class_name}",
                about=name,
            )
            for name in names
            if name
        ]
        return replace(reading, doubts=[*reading.doubts, *doubt])
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    message = f"no child is in class {class_name}; the roster has {listed}"
    error = RosterError(
        line=reading.children[0].line,
        fault=RosterFault.CLASS_MISSING,
        message=message,
        about=class_name,
    )
    return replace(reading, children=(), bad=[*reading.bad, error])


def _keys_of(secrets: Secrets, children: Sequence[RosterChild]) -> KeysOf:
    def keys(child: RosterChild) -> Sequence[RosterKeys]:
        # The whole name first; an earlier roster may have had the nickname alone.
        return [
            RosterKeys(
                identity=one.roster_key(f"id\0{child.identity}") if child.identity else None,
                name=one.roster_key(f"name\0{nickname_key(name)}"),
            )
            for name in dict.fromkeys((child.name.written, child.name.short))
            for one in secrets.accepted
        ]

    made = {child.line: keys(child) for child in children}
    return lambda child: made[child.line]


def _arriving(
    uow: Reading, targets: Sequence[_Target], keys_of: KeysOf
) -> Mapping[str, Mapping[bytes, Member]]:
    """By the name of a class, the students of other classes that are in its roster."""
    of_class = {
        keys.identity: target
        for target in targets
        for child in target.children
        for keys in keys_of(child)
        if keys.identity is not None
    }
    found: dict[str, dict[bytes, Member]] = {}
    for one in uow.rosters.known(of_class):
        if one.keys.identity is None:
            continue
        target = of_class[one.keys.identity]
        if target.school_class is None or target.school_class.class_id != one.class_id:
            found.setdefault(target.name, {})[one.keys.identity] = one
    return found


def _class_names(uow: Reading, arriving: Mapping[str, Mapping[bytes, Member]]) -> Mapping[int, str]:
    """The name of the class that each arriving student leaves."""
    ids = [one.student_id for some in arriving.values() for one in some.values()]
    return {own: name for own, (_, name) in uow.students.names(ids).items()} if ids else {}


def _shortened(reading: RosterReading, classes: Sequence[PlannedClass]) -> list[Doubt]:
    """A doubt, if whole names become nicknames, with those that they really become."""
    nicknames = {each.line.line: each.line.nickname for one in classes for each in one.planned}
    named = [(name, nicknames[line]) for line, name in reading.shortened if line in nicknames]
    return [shortened_doubt(named)] if named else []


def _most_gone(classes: Sequence[PlannedClass]) -> list[Doubt]:
    """A doubt for each class that exists and most of which would be gone."""
    doubts = []
    for one in classes:
        counts = Counter(each.line.becomes for each in one.planned)
        stay = counts[Becomes.KEPT] + counts[Becomes.CHANGED]
        gone = counts[Becomes.GONE]
        if one.school_class is None or gone <= stay:
            continue
        doubts.append(
            Doubt(
                doubt=RosterDoubt.MOST_GONE,
                message=f"{gone} of the {gone + stay} children of {one.name} "
                f"(id:{one.school_class.class_id}) are not in this roster",
                about=f"{gone}/{gone + stay}",
            )
        )
    return doubts


def _lines(
    classes: Sequence[PlannedClass],
    bad: Sequence[RosterError],
    skipped: Sequence[SkippedLine],
    leaving: Mapping[int, str],
) -> list[PreviewLine]:
    """All lines in the order of the file, then who is gone."""
    planned = [each.line for one in classes for each in one.planned]
    planned = [
        replace(line, was_class=leaving.get(line.student_id or 0)) if line.line else line
        for line in planned
    ]
    faults: dict[int, list[RosterError]] = {}
    for error in bad:
        faults.setdefault(error.line, []).append(error)
    lines = [line for line in planned if line.line is not None and line.line not in faults]
    lines += [
        PreviewLine(
            line=number,
            becomes=Becomes.BAD,
            message="; ".join(
                f"column {one.column}: {one.message}" if one.column else one.message
                for one in errors
            ),
            faults=[
                LineFault(fault=one.fault, column=one.column, about=one.about) for one in errors
            ],
        )
        for number, errors in faults.items()
    ]
    lines += [
        PreviewLine(
            line=one.line,
            becomes=Becomes.SKIPPED,
            message=one.message,
            class_name=one.class_name,
            faults=[LineFault(fault=one.fault, about=one.class_name)],
        )
        for one in skipped
    ]
    lines.sort(key=lambda one: one.line or 0)
    return lines + [line for line in planned if line.line is None]


def _digest(
    state: object,
    members: Sequence[Member],
    arriving: Mapping[str, Mapping[bytes, Member]],
    source: RosterSource,
    options: RosterOptions,
) -> str:
    """Changes with whatever the plan follows from."""
    coming = [one for some in arriving.values() for one in some.values()]
    content = source.content
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    facts = [state, repr([*members, *coming]), repr(options), hashlib.sha256(raw).hexdigest()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
