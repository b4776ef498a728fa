"""The message after a start: the URL, three cards of the demo class, how to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output.terminal import print_json, say, table
from cli.output.typed import as_typed
from cli.paper.cards import cards_of, fives
from cli.paper.link import invitation_link

if TYPE_CHECKING:
    from neuroplay.core.use_cases.adults import Invitation
    from neuroplay.core.use_cases.cards import CreatedClass
    from neuroplay.operation.serving.boot import Plan

CARDS_SHOWN = 3
_INVITE = "neuroplay adult invite NAME --class Demo"


def announce(
    plan: Plan,
    demo: CreatedClass | None,
    invitation: Invitation | None,
    *,
    supervisor: int,
    detach: bool,
    as_json: bool,
) -> None:
    """Print that NeuroPlay is ready. `supervisor` is the supervisor's pid."""
    settings = plan.settings
    link = None if invitation is None else invitation_link(settings.url, invitation.token)
    if as_json:
        print_json(document(plan, demo, link, supervisor))
        return
    has_api = "api" in plan.pieces
    what = f"ready at {settings.url}" if has_api else f"running: {', '.join(plan.pieces)}"
    say(f"NeuroPlay is {what}", style={"bold": True, "fg": "green"})
    if demo is not None and has_api:
        _show_cards(demo, settings.url)
        if link is not None:
            say()
            say("The teacher's page of the demo class; the link works once, within 24 hours:")
            say(link)
        elif not plan.shows_link:
            say()
            say(as_typed(f"For the teacher's page: {_INVITE}"))
    say()
    if detach:
        how = "It is running in the background. Check: neuroplay status   Stop: neuroplay stop"
    else:
        how = "Stop it with Ctrl-C, or in another terminal: neuroplay stop"
    say(as_typed(how))


def _show_cards(demo: CreatedClass, url: str) -> None:
    say()
    say(f"Demo class {demo.school_class.code}, with a card for each of three children:")
    table(
        ["CHILD", "CARD", "OPENS SIGNED IN"],
        [
            [card.nickname, fives(card.card_code), card.link(url)]
            for card in cards_of(demo)[:CARDS_SHOWN]
        ],
    )


def document(
    plan: Plan, demo: CreatedClass | None, link: str | None, supervisor: int
) -> dict[str, Any]:
    """The document of --json: {"url", "home", "pid", "teacher_link", "demo": {"class_code",
    "students"} | null}."""
    return {
        "url": plan.settings.url,
        "home": str(plan.settings.home),
        "pid": supervisor,
        "teacher_link": link,
        "demo": None
        if demo is None
        else {
            "class_code": demo.school_class.code,
            "students": [
                {"nickname": card.nickname, "card_code": card.card_code}
                for card in cards_of(demo)[:CARDS_SHOWN]
            ],
        },
    }
