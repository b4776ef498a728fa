"""What is remembered of a student, class or adult that was erased: enough to erase it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Erased = Literal["student", "class", "adult", "leaver"]
"""`leaver`: an adult whose account ended, and whose name stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """`number` is the id. Ids given after a restore may have been given before, so it takes
    `created_at`, which no two rows of an id share, to say who is meant."""

    kind: Erased
    number: int
    created_at: datetime
    erased_at: datetime
