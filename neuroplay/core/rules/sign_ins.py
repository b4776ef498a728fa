"""How long a sign-in lasts, and how many a card has."""

from __future__ import annotations

IDLE_DAYS = 400
"""A sign-in that nobody used for so long has ended: longer than any holidays."""

MOST_DEVICES = 20
"""Devices on which one card is signed in; for another one, the one that was used longest ago ends.
Its games stay on it until the child signs in there again."""

MOST_OF_DEVICE = 3
"""Sign-ins of one card on one device, which may not have heard of each: an answer was lost."""

MOST_ENDED = 500
"""Sign-ins of a card that have ended and are remembered: files that their tablets saved can still
be taken in."""

MOST_KNOWN_DEVICES = 100
"""Devices of a student of which it is known when they were last heard and what they hold."""
