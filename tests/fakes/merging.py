"""Fake of the repository's part that gives everything of one student to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.principal import TokenStatus
from neuroplay.core.entities.roster import RosterKeys
from neuroplay.core.entities.student import MergedStudent
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.use_cases.opening_balance import together
from tests.fakes.tables import StoredDevice, Tables


def absorb(tables: Tables, merged: int, into: int, now: datetime) -> Mapping[str, int]:
    moved = {
        "sync_inbox": _items(tables, merged, into),
        "game_sessions": 0,
        "settled_sessions": 0,
        "student_achievements": 0,
        "tokens": 0,
        "audit": 0,
    }
    for key, row in tables.sessions.items():
        if row.session.student_id == merged:
            tables.sessions[key] = replace(row, session=replace(row.session, student_id=into))
            moved["game_sessions"] += 1
    for session_id, settled in tables.settled.items():
        if settled.student_id == merged:
            tables.settled[session_id] = replace(settled, student_id=into)
            moved["settled_sessions"] += 1
    moved["opening_balances"], moved["opening_days"] = _balance(tables, merged, into)
    for (winner, name), one in list(tables.unlocked.items()):
        if winner == merged:
            del tables.unlocked[winner, name]
            known = tables.unlocked.get((into, name))
            if known is None or one.unlocked_at < known.unlocked_at:
                tables.unlocked[into, name] = replace(one, student_id=into)
                moved["student_achievements"] += 1
    moved["devices"] = _devices(tables, merged, into)
    own, other = tables.students[merged], tables.students[into]
    for token_hash, token in tables.tokens.items():
        if token.principal is not None and token.student_id == merged:
            is_of_card = token.card_version == own.card_version
            tables.tokens[token_hash] = replace(
                token,
                student_id=into,
                card_version=other.card_version,
                status=token.status if is_of_card else TokenStatus.REVOKED,
                principal=replace(
                    token.principal, student_id=into, merged_id=token.principal.known_as
                ),
            )
            moved["tokens"] += 1
    for place, entry in enumerate(tables.audit):
        if entry["target"] == f"student {merged}":
            tables.audit[place] = {
                **entry,
                "target": f"student {into}",
                "details": {**entry["details"], "of_merged": merged},
            }
            moved["audit"] += 1
    for earlier, (owner, remembered) in tables.merged.items():
        if owner == merged:
            tables.merged[earlier] = (into, remembered)
    tables.merged[merged] = (
        into,
        MergedStudent(student_id=merged, created_at=own.created_at, merged_at=now),
    )
    firsts = [one for one in (own.first_sign_in_at, other.first_sign_in_at) if one is not None]
    tables.students[into] = replace(
        other,
        first_sign_in_at=min(firsts, default=None),
        has_made_up_play=own.has_made_up_play or other.has_made_up_play,
    )
    tables.budgets.pop(merged, None)
    keys = tables.roster_keys.pop(merged, RosterKeys())
    known_keys = tables.roster_keys.get(into, RosterKeys())
    tables.roster_keys[into] = RosterKeys(
        identity=known_keys.identity or keys.identity, name=known_keys.name or keys.name
    )
    for import_id, (one_import, changes) in tables.imports.items():
        left = tuple(one for one in changes if one.after.student_id != merged)
        tables.imports[import_id] = one_import, left
    del tables.students[merged]
    return moved


def _items(tables: Tables, merged: int, into: int) -> int:
    known = {
        item.payload_hash
        for item in tables.inbox.values()
        if item.student_id == into and item.kind is InboxState.INVALID
    }
    own = [item for item in tables.inbox.values() if item.student_id == merged]
    for item in own:
        if item.kind is InboxState.INVALID and item.payload_hash in known:
            del tables.inbox[item.inbox_id]
            tables.attempts.pop(item.inbox_id, None)
        else:
            tables.inbox[item.inbox_id] = replace(item, student_id=into)
            tables.leases.pop(item.inbox_id, None)
    return len(own)


def _balance(tables: Tables, merged: int, into: int) -> tuple[int, int]:
    own = tables.balances.pop(merged, OpeningBalance())
    other = tables.balances.get(into, OpeningBalance())
    games: dict[str, Any] = dict(other.games)
    for game_type, one in own.games.items():
        games[game_type] = together(games[game_type], one) if game_type in games else one
    days: dict[Any, Any] = dict(other.days)
    for day, ends in own.days.items():
        both = (*days.get(day, ()), *ends)
        days[day] = min(both), max(both)
    if games or days:
        tables.balances[into] = OpeningBalance(games=games, days=days)
    return len(own.games), len(own.days)


def _devices(tables: Tables, merged: int, into: int) -> int:
    own = [row for row in tables.devices.values() if row.student_id == merged]
    for row in own:
        del tables.devices[row.device_id, merged]
        known = tables.devices.get((row.device_id, into))
        tables.devices[row.device_id, into] = (
            replace(row, student_id=into)
            if known is None
            else StoredDevice(
                device_id=row.device_id,
                student_id=into,
                last_contact=max(known.last_contact, row.last_contact),
                pending=known.pending + row.pending,
                oldest=min(filter(None, (known.oldest, row.oldest)), default=None),
            )
        )
    return len(own)
