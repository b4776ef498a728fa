"""Inbox items as JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.output.terminal import plain
from neuroplay.core.entities.sync_item import InboxItem
from neuroplay.core.rules.session_record import played_at

Names = Mapping[int, tuple[str, str]]
"""Nickname and class by student id."""


def item_document(item: InboxItem, names: Names) -> dict[str, Any]:
    """An item of `sync list --json`."""
    nickname, class_name = names.get(item.student_id, (None, None))
    return {
        "inbox_id": item.inbox_id,
        "session_id": item.session_id,
        "student_id": item.student_id,
        "device_id": item.device_id,
        "state": str(item.state),
        "nickname": nickname,
        "class_name": class_name,
        "game_type": item.payload.get("game_type"),
        "score": item.payload.get("score"),
        "duration_s": item.payload.get("duration"),
        "played_at": played_at(item),
        "received_at": item.received_at,
        "processed_at": item.processed_at,
        "attempts": item.attempts,
        "next_try_at": item.next_try_at,
        "error": error_document(item.last_error_code, item.last_error),
        "reasons": list(item.reasons),
        "release": item.release,
        "request_id": item.request_id,
    }


def error_document(code: str | None, message: str | None) -> dict[str, Any] | None:
    """The error of an item or an attempt; None if there is none."""
    return None if code is None else {"code": code, "message": message}


def record_document(item: InboxItem, names: Names) -> dict[str, Any]:
    """An item of `sync list --json`, with the record as sent."""
    return {**item_document(item, names), "record": dict(item.payload)}


def game_in_words(item: InboxItem, names: Names) -> str:
    """`1234: cyber_runner of Ana, 3A, 2026-11-25, held`."""
    nickname, class_name = names.get(item.student_id, ("-", "-"))
    played = played_at(item)
    day = "-" if played is None else f"{played:%Y-%m-%d}"
    game = plain(item.payload.get("game_type"))[:30]
    return f"{item.inbox_id}: {game} of {plain(nickname)}, {plain(class_name)}, {day}, {item.state}"
