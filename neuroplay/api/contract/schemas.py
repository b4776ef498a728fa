"""Models of requests and responses. They validate requests and generate the OpenAPI document, and a
test compares real responses with it.

The sessions of a sync are the exception: the core judges each by itself, so that an invalid one
does not fail its batch. `SessionRecord` only documents them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)

from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.session_record import read_session_id, read_time

MOST_SESSIONS = 100
MOST_OFFERED = 1_000
MOST_PENDING = 1_000_000
LONGEST_CODE = 64
LONGEST_TYPED = 1_000
EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
REF = "#/components/schemas/"

_UNTYPED = re.compile("[\0\ud800-\udfff]")


def read_moment(value: object) -> datetime | None:
    """Parse an ISO 8601 time with an offset, as UTC. Raises ValueError.

    None if it is out of range, because a wrong clock is not an error of the request.
    """
    try:
        moment = read_time({"it": value}, "it", required=False)
    except InvalidSession as error:
        if error.code == "absurd_time":
            return None
        raise ValueError(str(error).removeprefix("it ")) from None
    return moment if moment and EARLIEST_YEAR < moment.year < LATEST_YEAR else None


def _read_session_id(value: object) -> UUID:
    try:
        return read_session_id({"session_id": value})
    except InvalidSession as error:
        raise ValueError(str(error)) from None


Moment = Annotated[
    datetime | None,
    PlainValidator(read_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}),
]
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Uuid = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]


def _typed(text: str) -> str:
    """Raises ValueError for characters that JSON has, and PostgreSQL or UTF-8 does not."""
    if _UNTYPED.search(text):
        raise ValueError("it contains a character that no keyboard writes")
    return text


Pasted = Annotated[str, Field(strict=True), AfterValidator(_typed)]
"""Text of any length, such as a whole list."""

Typed = Annotated[Pasted, Field(max_length=LONGEST_TYPED)]
"""Text that somebody typed. Unicode's normal form of it takes time by the square of its length."""

Code = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CODE)]


class Request(BaseModel):
    """Base of requests. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


# Sign-in


class SignInRequest(Request):
    class_code: Code = Field(description="As printed or typed: case, spaces and hyphens are free")
    card_code: Code = Field(description="The child's own code; a secret")
    device_id: UUID = Field(description="Made once by the device, and kept by it")


class StudentCard(Answer):
    id: int
    nickname: str
    avatar: str


class SignedIn(Answer):
    token: str = Field(description="For the Authorization header of this device; shown once")
    token_id: Uuid
    export_key: str = Field(description="Seals what the device exports")
    student: StudentCard


# Gameplay


class OutboxReport(Request):
    """What stays on the device of this student's sessions after this request."""

    pending: Annotated[int, Field(strict=True, ge=0, le=MOST_PENDING)]
    oldest: Moment = None


class SyncRequest(Request):
    device_id: UUID = Field(description="Must be the token's device")
    sent_at: Moment = Field(
        None, description="The device's clock; tells how wrong it is. Beyond 1970 to 2100: ignored"
    )
    outbox: OutboxReport | None = None
    sessions: list[Any] = Field(max_length=MOST_SESSIONS)


class SessionRecord(BaseModel):
    """One finished game, at most 64 KiB. Each is judged on its own: a bad one gets an `invalid`
    receipt, and the others are accepted. Further fields are kept, and never an error."""

    session_id: Uuid = Field(description="Made by the device at the start of play (UUIDv7)")
    game_type: str = Field(description="See GET /api/v1/games")
    game_version: str = "1"
    started_at: Time
    ended_at: Time
    utc_offset_minutes: int = Field(0, ge=-840, le=840)
    score: int = Field(ge=0, le=1_000_000)
    duration: float = Field(ge=0, le=86_400, description="Seconds of play, pauses left out")
    accuracy: float = Field(ge=0, le=1)
    completed: bool
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="difficulty (the level at the start, in the range of the game's version; 1 "
        "where absent), next_difficulty (the level that the game chose for the next round), seed, "
        "trace (pairs: steps since the last input, input), reaction_times_ms, more",
    )


class SyncBatch(SyncRequest):
    """SyncRequest as it is documented."""

    sessions: list[SessionRecord] = Field(
        max_length=MOST_SESSIONS, description="None at all is a sign of life"
    )


class FieldError(Answer):
    code: str = Field(description="Stable")
    field: str
    message: str


class Receipt(Answer):
    """accepted: stored. duplicate: stored before. conflict: the id is taken by another session;
    both are kept for an adult. invalid: cannot be true; `error` says why, the record is kept."""

    session_id: str | None = Field(description="As it was sent; null where it was no text")
    status: Literal["accepted", "duplicate", "conflict", "invalid"]
    error: FieldError | None = Field(None, description="Of an `invalid` one")


class Acknowledgement(Answer):
    """How long a device keeps what was acknowledged: until `safe_before` of the same epoch is later
    than the `answered_at` of its receipt. Of another epoch, it offers what it keeps."""

    epoch: Uuid = Field(description="New after each restore of the database")
    answered_at: Time = Field(description="The server's clock, after everything was stored")
    safe_before: Time | None = Field(
        None, description="What was acknowledged before is in a backup; absent without one"
    )


class SyncAnswer(Acknowledgement):
    receipts: list[Receipt] = Field(description="One a session, in the order of the request")


class OfferedSession(Request):
    session_id: Annotated[
        UUID,
        PlainValidator(_read_session_id),
        WithJsonSchema({"type": "string", "format": "uuid"}),
    ]
    hash: Annotated[str, Field(strict=True, pattern="^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the session's canonical JSON (RFC 8785), in hexadecimal"
    )


class OfferRequest(Request):
    device_id: UUID = Field(description="Must be the token's device")
    offered: list[OfferedSession] = Field(
        max_length=MOST_OFFERED,
        description="Acknowledged sessions of this student; none at all asks for the epoch",
    )


class OfferAnswer(Acknowledgement):
    lacking: list[Uuid] = Field(
        description="Those that are not stored, for the next sync; all others are acknowledged"
    )


# Me


class MySessionsQuery(Request):
    cursor: str | None = Field(
        None, max_length=200, description="`next` of the page before; absent: the newest"
    )
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class MySession(Answer):
    session_id: Uuid | None
    state: Literal["pending", "processed", "failed", "held", "invalid", "conflict", "rejected"]
    verdict: str | None = Field(description="plausible, verified, mismatch or approved")
    game_type: str | None
    score: int | None
    xp_gained: int | None
    ended_at: Time | None


class MySessions(Answer):
    sessions: list[MySession] = Field(description="Newest first; pending and held ones too")
    next: str | None


class UnlockedBadge(Answer):
    id: str
    unlocked_at: Time


class MyGame(Answer):
    game_type: str
    plays: int
    best_score: int
    difficulty: int = Field(description="The level for the next round")


class MyCounts(Answer):
    processed: int
    pending: int
    held: int


class Streak(Answer):
    """The run of calendar days that still goes on."""

    days: int
    today: bool
    last_day: str | None


class Me(Answer):
    student: StudentCard
    xp: int
    level: int
    xp_next_level: int
    achievements: list[UnlockedBadge]
    games: list[MyGame]
    sessions: MyCounts
    streak: Streak
    day_minutes: int = Field(description="Minutes that the class plays on a day")


# Games and leaderboards


class GameLimits(Answer):
    max_duration_s: int
    max_points_per_second: int


class Game(Answer):
    game_type: str
    names: dict[str, str] = Field(description="By language: pt-BR, en, es")
    skill: str
    skill_names: dict[str, str]
    par_score: int
    limits: GameLimits
    icon: str
    playable: bool


class Games(Answer):
    games: list[Game]


class GamePath(Request):
    game_type: str


class LeaderboardRow(Answer):
    nickname: str
    avatar: str
    colour: int = Field(description="Of the avatar, 0 to 7")
    score: int


class OwnPlace(Answer):
    rank: int
    score: int


class Leaderboard(Answer):
    game_type: str
    period: str
    since: Time
    top: list[LeaderboardRow]
    me: OwnPlace | None = Field(description="null before this week's first round")


# Health


class HealthStatus(Answer):
    status: Literal["healthy", "saturated", "unhealthy"]
    checks: dict[str, str] = Field(
        description="database, redis, celery, requests: `ok…`, or what is wrong; backups: how old"
    )


class Readiness(Answer):
    status: Literal["ready", "degraded", "not ready"]
    checks: dict[str, str] = Field(description="database, schema, redis")


class Liveness(Answer):
    status: Literal["alive"]


class Problem(Answer):
    """RFC 9457. `code` is stable; `detail` is for people and may change."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    field: str | None = Field(None, description="The field at fault, where there is one")
    student_id: int | None = Field(None, description="Of `student_erased`: whom to forget")
    because: str | None = Field(None, description="A second code, which says more than `code`")
