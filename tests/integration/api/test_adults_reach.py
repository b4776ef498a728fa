"""No adult gets a byte of another's class, by any route, method or number, from a real PostgreSQL.

The routes and their bodies are read from the application, so a route that is added later is asked,
too.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, or_, select

from neuroplay.api.app import create_app
from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.entities.roster import RosterSource
from neuroplay.core.entities.student import OutboxReport
from neuroplay.infra.asks import Asks
from tests.builders import a_principal
from tests.contract.test_passkeys import a_key
from tests.unit.api.systems import batch, session

ADULT = "/api/v1/adult"
OPEN = {
    f"{ADULT}/invitation",
    f"{ADULT}/join",
    f"{ADULT}/sign-in",
    f"{ADULT}/sign-in/passkey",
    f"{ADULT}/sign-in/passkey/challenge",
}
"""What asks for no sign-in: whoever asks has a link, a passphrase or a passkey."""

KINDS = {
    "class_id": "class",
    "gone_to": "class",
    "student_id": "student",
    "into": "student",
    "inbox_id": "item",
    "import_id": "import",
    "passkey_id": "passkey",
}
"""What the numbers of this name in a path or body are of."""

OWN = "(SELECT class_id FROM adult_classes WHERE adult_id = %s)"
OF_ADULT = {
    "class": f"SELECT class_id FROM classes WHERE class_id IN {OWN}",  # noqa: S608
    "student": f"SELECT student_id FROM students WHERE class_id IN {OWN}",  # noqa: S608
    "import": "SELECT import_id FROM imports WHERE class_ids && "  # noqa: S608
    f"ARRAY{OWN}",
    "passkey": "SELECT passkey_id FROM adult_passkeys WHERE adult_id = %s",
    "item": "SELECT inbox_id FROM sync_inbox JOIN students USING (student_id) "  # noqa: S608
    f"WHERE class_id IN {OWN}",
}

NOTHING = 999_999
SCHOOLS = {"Rita": ("3A of Rita", "3B of Rita"), "Zoe": ("4A of Zoe", "4B of Zoe")}


@dataclass
class Side:
    """A teacher's classes: numbers by kind, and the words by which their data is noticed."""

    numbers: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in OF_ADULT})
    words: set[str] = field(default_factory=set)
    adult_id: int = 0
    cookie: str = ""
    csrf: str = ""


@dataclass
class World:
    """Two teachers with two classes each. Nobody shares one."""

    container: Container
    client: FlaskClient
    sides: dict[str, Side]
    metadata: MetaData

    def ask(self, side: Side | None, method: str, path: str, body: Any) -> Any:
        self.client.delete_cookie("np_adult")
        headers = {}
        if side is not None:
            self.client.set_cookie("np_adult", side.cookie)
            headers["X-CSRF-Token"] = side.csrf
        sent = None if method in ("GET", "HEAD") else body
        return self.client.open(path, method=method, headers=headers, json=sent, buffered=True)

    def renew(self, side: Side) -> None:
        """Sign in again, and find the numbers of what the side has now."""
        with self.container.uow() as uow:
            side.cookie = self.container.secrets.new_token()
            token_hash = self.container.secrets.adult_hash("sign-in", side.cookie)
            uow.adults.add_sign_in(side.adult_id, token_hash)
            uow.commit()
        side.csrf = self.container.authenticate_adult.execute(side.cookie).csrf
        with self.container.engine.connect() as connection:
            for kind, query in OF_ADULT.items():
                found = connection.exec_driver_sql(query, (side.adult_id,))
                side.numbers[kind] = [number for (number,) in found]

    def stored(self, side: Side) -> dict[str, list[Any]]:
        """All rows about the classes, children and games of this side."""
        return _rows(self.container.engine, self.metadata, side)


def _rows(engine: Engine, metadata: MetaData, side: Side) -> dict[str, list[Any]]:
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            about = [
                table.c[name].in_(side.numbers[kind])
                for name, kind in KINDS.items()
                if name in table.c
            ]
            if about:
                rows = connection.execute(select(table).where(or_(*about)))
                found[table.name] = sorted(map(str, rows))
    return found


def a_side(container: Container, teacher: str) -> Side:
    side, class_ids = Side(), []
    now = datetime.now(UTC)
    for place, name in enumerate(SCHOOLS[teacher]):
        made = container.create_class.execute(name, [f"{teacher}kid{place}{i}" for i in range(3)])
        class_ids.append(made.school_class.class_id)
        side.words |= {name, made.school_class.code}
        for one in made.students:
            side.words |= {one.student.nickname, one.card_code}
        principal = a_principal(made.students[0].student.student_id, made.school_class.class_id)
        sent = [
            session(
                started_at=(now - timedelta(minutes=9 - part)).isoformat(),
                ended_at=(now - timedelta(minutes=8 - part)).isoformat(),
                duration=duration,
                score=700_000 + principal.student_id,
            )
            for part, duration in ((0, 50), (4, 1))
        ]
        container.accept_sync.execute(
            principal,
            sessions=batch(principal.device_id, *sent)["sessions"],
            sent_at=now,
            outbox=OutboxReport(pending=2, oldest=now),
            request_id="r",
        )
        side.words.add(str(700_000 + principal.student_id))
    container.drain_inbox.execute()
    ref = f"id:{class_ids[0]}"
    roster = RosterSource(name="class.csv", content=f"nickname\n{teacher}kid-imported\n")
    preview = container.preview_roster.execute(ref, roster)
    container.apply_roster.execute(ref, roster, preview_id=preview.preview_id)
    side.words.add(f"{teacher}kid-imported")
    with container.uow() as uow:
        adult = uow.adults.add(teacher, teacher.lower(), AdultRole.TEACHER)
        assert adult is not None
        uow.adults.set_classes(adult.adult_id, class_ids)
        uow.passkeys.add(adult.adult_id, f"{teacher}laptop", a_key(adult.adult_id))
        uow.commit()
    side.words.add(f"{teacher}laptop")
    side.adult_id = adult.adult_id
    return side


@pytest.fixture
def world(database_url: str, tmp_path: Any) -> Iterator[World]:
    container = build(load_settings(database_url=database_url, secret="s" * 40, home=str(tmp_path)))
    # Each request comes a minute after the one before, so that no limit of requests answers for a
    # route: how many an example costs differs.
    container.adult_asks = Asks(clock=count(step=60).__next__)
    client = create_app(container).test_client()
    sides = {teacher: a_side(container, teacher) for teacher in SCHOOLS}
    metadata = MetaData()
    metadata.reflect(container.engine)
    world = World(container, client, sides, metadata)
    for side in sides.values():
        world.renew(side)
        assert {kind: len(numbers) for kind, numbers in side.numbers.items()} == {
            "class": 2,
            "student": 7,
            "import": 1,
            "passkey": 1,
            "item": 4,
        }
    yield world
    container.close()


@dataclass(frozen=True)
class Operation:
    """A route with one of its methods, and the schema of its body."""

    method: str
    template: str
    body: Any = field(default=None, hash=False, compare=False)
    is_adults: bool = False

    @property
    def names(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.template)

    def path(self, numbers: dict[str, int]) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda one: str(numbers[one[1]]), self.template)


def operations(client: FlaskClient) -> list[Operation]:
    """All routes of the application, also those of tablets and operators."""
    document = client.application.api_doc  # type: ignore[attr-defined]
    found = []
    for rule in client.application.url_map.iter_rules():
        described = document["paths"].get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            body = described.get(method.lower(), {}).get("requestBody")
            schema = None
            if body is not None:
                schema = body["content"]["application/json"]["schema"]
            found.append(
                Operation(method, rule.rule, schema, is_adults=rule.rule.startswith(ADULT))
            )
    return found


@dataclass(frozen=True)
class Number:
    """A number that is known only when the request is made: the world changes between requests."""

    kind: str
    owner: str
    place: int

    def of(self, own: Side, other: Side) -> int:
        side = {"own": own, "other": other}.get(self.owner)
        known = side.numbers[self.kind] if side else [0, NOTHING, 2**31, 10**12]
        return known[self.place % len(known)] if known else NOTHING


def numbers_called(name: str) -> st.SearchStrategy[Number]:
    kind = st.just(KINDS[name]) if name in KINDS else st.sampled_from(sorted(OF_ADULT))
    owner = st.sampled_from(["other", "own", "nobody"])
    return st.builds(Number, kind=kind, owner=owner, place=st.integers(0, 11))


def bodies(document: Any, schema: Any, words: list[str], name: str = "") -> Any:
    """Bodies that the schema allows, with numbers and words of either side."""
    if schema is None:
        return st.none()
    if "$ref" in schema:
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return bodies(document, named, words, name)
    if "anyOf" in schema:
        return st.one_of(*(bodies(document, one, words, name) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        fields = {
            field: bodies(document, one, words, field)
            for field, one in schema.get("properties", {}).items()
        }
        needed = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {field: one for field, one in fields.items() if field in needed},
            optional={field: one for field, one in fields.items() if field not in needed},
        )
    if kind == "array":
        return st.lists(bodies(document, schema.get("items"), words, name), max_size=2)
    return {
        "boolean": st.booleans(),
        "integer": numbers_called(name) if name in KINDS else st.sampled_from([3, 30]),
        "string": st.sampled_from(["Owlet", "nickname\nOwlet\nKite\n", *words]),
    }.get(str(kind), st.none())


def told(value: Any, own: Side, other: Side) -> Any:
    """The value, with every Number as it is now."""
    if isinstance(value, Number):
        return value.of(own, other)
    if isinstance(value, dict):
        return {name: told(one, own, other) for name, one in value.items()}
    if isinstance(value, list):
        return [told(one, own, other) for one in value]
    return value


def seen(answer: Any) -> str:
    """All that the answer says, also inside of an archive."""
    body = answer.get_data()
    if zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = [f"{name}\n".encode() + archive.read(name) for name in archive.namelist()]
        body = b"\n".join(parts)
    return f"{answer.headers}\n{body.decode(errors='replace')}"


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_adult_gets_or_changes_anything_of_another(world: World, data: st.DataObject) -> None:
    teacher = data.draw(st.sampled_from([*SCHOOLS]), label="who asks")
    own = world.sides[teacher]
    (other,) = [side for name, side in world.sides.items() if name != teacher]
    every = operations(world.client)
    adults = [one for one in every if one.is_adults]
    operation = data.draw(st.sampled_from(adults) | st.sampled_from(every), label="operation")
    picked = {name: data.draw(numbers_called(name), label=name) for name in operation.names}
    document = world.client.application.api_doc  # type: ignore[attr-defined]
    words = sorted(own.words | other.words)
    asked = data.draw(bodies(document, operation.body, words), label="body")
    for side in (own, other):
        world.renew(side)
    numbers, body = told(picked, own, other), told(asked, own, other)
    before, known = world.stored(other), str(world.stored(own))
    words = [word for word in other.words if word not in known]  # it may take over a name
    answer = world.ask(own, operation.method, operation.path(numbers), body)
    text = seen(answer)
    echoed = json.dumps(body)
    assert [word for word in words if word in text and word not in echoed] == []
    assert answer.status_code != 500
    assert world.stored(other) == before
    foreign = {
        name for name, one in numbers.items() if name in KINDS and one in other.numbers[KINDS[name]]
    }
    if foreign and operation.is_adults:
        unknown = numbers | dict.fromkeys(foreign, NOTHING)
        alike = world.ask(own, operation.method, operation.path(unknown), body)
        assert answer.status_code == alike.status_code
        assert answer.status_code in (404, 422)
        if operation.method != "HEAD":
            assert answer.json | {"request_id": ""} == alike.json | {"request_id": ""}
    if operation.is_adults and operation.template not in OPEN:
        nobody = world.ask(None, operation.method, operation.path(numbers), body)
        assert nobody.status_code in (401, 415)
        assert [word for word in own.words | other.words if word in seen(nobody)] == []


def test_every_route_of_adults_asks_who_it_is_but_those_that_sign_in(world: World) -> None:
    asked = [one for one in operations(world.client) if one.is_adults]
    assert len(asked) > 20
    answered = set()
    for operation in asked:
        path = operation.path(dict.fromkeys(operation.names, 1))
        answer = world.ask(None, operation.method, path, {})
        if answer.status_code != 401:
            answered.add(operation.template)
    assert answered == OPEN
