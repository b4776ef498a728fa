"""Models of what adults read and ask for. Minutes are those of play, with one decimal; *today* and
*week* are those of the child's own calendar, a week being the last seven days with today."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuroplay.api.contract.schemas import Answer, Request, Time, Typed
from neuroplay.core.use_cases.adult_held import LARGEST_NUMBER
from neuroplay.core.use_cases.replay_sync import LONGEST_REASON

Reason = Annotated[Typed, Field(min_length=1, max_length=LONGEST_REASON)]


class ClassPath(Request):
    class_id: int


class StudentPath(Request):
    student_id: int


class HeldPath(Request):
    inbox_id: int


class HeldQuery(Request):
    before: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = Field(
        None, description="`older` of the page before"
    )


class OverviewQuery(Request):
    archived: bool = Field(False, description="Whether archived classes are listed too")


class OwnClassLine(Answer):
    id: int
    name: str
    code: str
    made_up: bool = Field(description="Whether some of its play is made up, as a demo's")
    archived: bool
    students: int
    played_today: int = Field(description="Children")
    played_week: int = Field(description="Children")
    minutes_today: float
    minutes_week: float
    games_week: int
    last_heard: Time | None = Field(description="Newest contact of any tablet")
    unsent_games: int = Field(description="On tablets, as these said last")
    unsent_tablets: int
    held: int = Field(description="Games that wait for an adult")
    counting: int = Field(description="Games that arrived, and are being counted")


class OverviewAnswer(Answer):
    at: Time
    classes: list[OwnClassLine]


class ClassSettings(Answer):
    id: int
    name: str
    code: str
    made_up: bool
    archived: bool
    leaderboard_enabled: bool
    day_minutes: int
    trace_days: int | None = Field(description="null: as the installation; 0: for ever")
    raw_days: int | None
    keep_months: int | None
    created_at: Time


class StudentLine(Answer):
    id: int
    nickname: str
    avatar: str
    level: int
    xp: int
    last_heard: Time | None
    last_played: Time | None
    unsent: int
    minutes_today: float
    minutes_week: float
    days_week: int
    games_week: int
    held: int
    counting: int


class ClassGame(Answer):
    game_type: str
    children: int = Field(description="Who played it this week")
    games_week: int
    accuracy_week: float | None = Field(description="0 to 1, without mismatches")


class ClassAnswer(Answer):
    at: Time
    class_: ClassSettings = Field(alias="class")
    students: list[StudentLine]
    games: list[ClassGame]


class ClassName(Answer):
    id: int
    name: str
    made_up: bool


class StudentHead(Answer):
    id: int
    nickname: str
    avatar: str
    level: int
    xp: int
    streak: int = Field(description="Days in a row")
    last_heard: Time | None
    last_played: Time | None
    unsent: int
    held: int
    counting: int
    card_version: int = Field(description="Of the card that is shown, to replace that one")


class DayLine(Answer):
    day: Annotated[str, Field(json_schema_extra={"format": "date"})]
    minutes: float
    games: int


class RoundLine(Answer):
    ended_at: Time
    difficulty: int
    next_difficulty: int | None
    accuracy: float
    duration_s: float
    completed: bool
    verdict: Literal["plausible", "verified", "mismatch", "approved"]


class StudentGame(Answer):
    game_type: str
    plays: int = Field(description="All rounds that ever counted")
    difficulty: int = Field(description="The level of the next round")
    lowest_difficulty: int
    highest_difficulty: int
    best_score: int
    last_played: Time | None
    rounds: list[RoundLine] = Field(description="The newest 60, oldest first")


class StudentAnswer(Answer):
    at: Time
    class_: ClassName = Field(alias="class")
    student: StudentHead
    days: list[DayLine] = Field(description="The last 28 of the child's calendar, oldest first")
    games: list[StudentGame]


class TabletStudent(Answer):
    id: int
    nickname: str
    unsent: int
    oldest: Time | None


class ClassTablet(Answer):
    device: str = Field(description="The first eight characters of its id")
    students: list[TabletStudent] = Field(description="Those of this class")
    last_contact: Time


class TabletsAnswer(Answer):
    at: Time
    tablets: list[ClassTablet]


class HeldStudent(Answer):
    id: int
    nickname: str
    avatar: str


class HeldLine(Answer):
    id: int
    student: HeldStudent
    game_type: str | None
    ended_at: Time | None
    received_at: Time
    score: int | None
    duration_s: float | None
    accuracy: float | None
    difficulty: int | None
    reasons: list[str] = Field(description="Codes, see docs/fair-play.md")


class HeldAnswer(Answer):
    at: Time
    held: list[HeldLine] = Field(description="Newest first, up to 50")
    older: int | None = Field(description="`before` of the next page; null after the last")


class Decision(Request):
    reason: Reason = Field(description="Kept with the game")


class DecisionAnswer(Answer):
    id: int
    state: str = Field(description="Of the game now, as in `neuroplay sync list`")
    result: str = Field(description="`applied`, `rejected`; `busy`: somebody was faster")


class CardLine(Answer):
    student_id: int
    nickname: str
    avatar: str
    card_code: str = Field(description="A secret")
    card_version: int
    address: str = Field(description="What the QR code holds")


class CardClass(Answer):
    id: int
    name: str
    code: str


class NewClassAnswer(Answer):
    class_: CardClass = Field(alias="class")
    cards: list[CardLine]


class CardsAnswer(NewClassAnswer):
    at: Time


class NewCard(Request):
    card_version: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        None, description="Of the card that the adult saw; a newer one is then refused"
    )


class ClassChanges(Request):
    """What is left out stays."""

    name: Typed | None = None
    leaderboard_enabled: Annotated[bool, Field(strict=True)] | None = None
    day_minutes: Annotated[int, Field(strict=True)] | None = None
    trace_days: Annotated[int, Field(strict=True)] | None = None
    raw_days: Annotated[int, Field(strict=True)] | None = None
    keep_months: Annotated[int, Field(strict=True)] | None = None


class Archiving(Request):
    archived: Annotated[bool, Field(strict=True)] = Field(description="false brings it back")


class NewClass(Request):
    name: Typed
    students: Annotated[int, Field(strict=True)] = Field(
        description="How many, with nicknames that are made up"
    )
    language: Typed = Field("pt-BR", description="Of the nicknames")


class NewStudent(Request):
    nickname: Typed | None = None
    avatar: Typed | None = None
    language: Typed = Field("pt-BR", description="Of a nickname that is made up, without one")


class StudentChanges(Request):
    """What is left out stays."""

    nickname: Typed | None = None
    avatar: Typed | None = None


class Move(Request):
    class_id: Annotated[int, Field(strict=True)]


class Merge(Request):
    into: Annotated[int, Field(strict=True)] = Field(description="The child that is left")


class Erasure(Request):
    nickname: Typed = Field(description="Typed again, as a check")


class ChangedStudent(Answer):
    id: int
    nickname: str
    avatar: str
    class_: ClassName = Field(alias="class")


class ErasureReceipt(Answer):
    erased_at: Time
    student_id: int
    rows: dict[str, int] = Field(description="Deleted, by table")
    ledger: bool = Field(description="Whether restores will erase the child again")


BODIES = (
    Archiving,
    ClassChanges,
    Decision,
    Erasure,
    Merge,
    Move,
    NewCard,
    NewClass,
    NewStudent,
    StudentChanges,
)
"""Requests, which their routes parse themselves."""
