"""The last words of a start: where it is, the demo class and three cards, how to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.paper.cards import Card, fives
from cli.terminal import print_json, say, table
from cli.typed import as_typed

if TYPE_CHECKING:
    from neuroplay.core.use_cases.manage_classes import CreatedClass
    from neuroplay.operation.serving.boot import Plan

CARDS_SHOWN = 3


def announce(
    plan: Plan, demo: CreatedClass | None, *, supervisor: int, detach: bool, as_json: bool
) -> None:
    """Say that all is ready; `supervisor` is the pid that stands for the whole."""
    settings = plan.settings
    if as_json:
        print_json(document(plan, demo, supervisor))
        return
    if "api" in plan.pieces:
        say(f"NeuroPlay is ready at {settings.url}", style={"bold": True, "fg": "green"})
    else:
        say(f"NeuroPlay is running: {', '.join(plan.pieces)}", style={"bold": True, "fg": "green"})
    if demo is not None and "api" in plan.pieces:
        _show_cards(demo, settings.url)
    say()
    if detach:
        say(
            as_typed(
                "It is running in the background. Check: neuroplay status   Stop: neuroplay stop"
            )
        )
    else:
        say(as_typed("Stop it with Ctrl-C, or in another terminal: neuroplay stop"))


def _show_cards(demo: CreatedClass, url: str) -> None:
    say()
    say(f"Demo class {demo.school_class.code}, with a card for each of three children:")
    cards = [_card(demo, place) for place in range(min(CARDS_SHOWN, len(demo.students)))]
    table(
        ["CHILD", "CARD", "OPENS SIGNED IN"],
        [[card.nickname, fives(card.card_code), card.link(url)] for card in cards],
    )


def _card(demo: CreatedClass, place: int) -> Card:
    entry = demo.students[place]
    return Card(
        student_id=entry.student.student_id,
        nickname=entry.student.nickname,
        avatar=entry.student.avatar,
        class_code=demo.school_class.code,
        card_code=entry.card_code,
    )


def document(plan: Plan, demo: CreatedClass | None, supervisor: int) -> dict[str, Any]:
    """The same as JSON: {"url", "home", "pid", "demo": {"class_code", "students"} | null}."""
    shown = None
    if demo is not None:
        cards = [_card(demo, place) for place in range(min(CARDS_SHOWN, len(demo.students)))]
        shown = {
            "class_code": demo.school_class.code,
            "students": [{"nickname": c.nickname, "card_code": c.card_code} for c in cards],
        }
    return {
        "url": plan.settings.url,
        "home": str(plan.settings.home),
        "pid": supervisor,
        "demo": shown,
    }
