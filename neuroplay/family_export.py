"""The document of all that is stored about a student, for the family."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.sync_item import InboxItem
from neuroplay.core.use_cases.manage_students import StudentExport
from neuroplay.documents import progress_document, session_document


def export_document(found: StudentExport) -> dict[str, Any]:
    """The document of `neuroplay student export`; `jsonable` encodes its values."""
    document = progress_document(found.progress)
    student, school_class = found.progress.student, found.school_class
    return {
        "exported_at": found.exported_at,
        **document,
        "student": {
            **document["student"],
            "card_version": student.card_version,
            "made_up": student.has_made_up_play,
            "created_at": student.created_at,
            "class": None
            if school_class is None
            else {"id": school_class.class_id, "name": school_class.name},
        },
        "play_days": sorted(day.isoformat() for day in student.progress.play_days),
        "sessions": [session_document(one) for one in found.sessions],
        "folded": _folded_json(found.folded),
        "received": [
            _received_json(item) | {"attempts": list(map(asdict, found.attempts[item.inbox_id]))}
            for item in found.received
        ],
        "devices": [asdict(one) for one in found.devices],
        "sign_ins": [
            {"device_id": one.device_id, "since": one.since, "last_used": one.last_used}
            for one in found.sign_ins
        ],
        "decisions": [asdict(one) for one in found.decisions],
        "imports": [asdict(one) for one in found.imports],
        "merged": [{"id": one.student_id, "merged_at": one.merged_at} for one in found.merged],
        "counts": document["sessions"],
    }


def _folded_json(balance: OpeningBalance) -> dict[str, Any]:
    """The sums of the sessions that are no longer kept one by one."""
    return {
        "games": [
            {"game_type": game_type, **asdict(one), "earned": sorted(one.earned)}
            for game_type, one in sorted(balance.games.items())
        ],
        "days": [
            {"day": day.isoformat(), "first_end": first, "last_end": last}
            for day, (first, last) in sorted(balance.days.items())
        ],
    }


def _received_json(item: InboxItem) -> dict[str, Any]:
    return {
        "inbox_id": item.inbox_id,
        "session_id": item.session_id,
        "device_id": item.device_id,
        "state": item.state,
        "received_at": item.received_at,
        "processed_at": item.processed_at,
        "clock_shift_s": item.clock_shift_s,
        "error": item.last_error,
        "reasons": item.reasons,
        "session": item.payload,
    }
