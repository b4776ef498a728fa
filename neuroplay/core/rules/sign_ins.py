"""Limits of sign-ins and devices."""

from __future__ import annotations

IDLE_DAYS = 400
"""A sign-in ends after so many days without use: longer than any holidays."""

MOST_DEVICES = 20
"""Devices on which one card may be signed in. A further sign-in ends the least recently used one;
unsent games stay on that device until the child signs in there again."""

MOST_OF_DEVICE = 3
"""Sign-ins of one card on one device. It needs more than one: a response may have been lost."""

MOST_ENDED = 500
"""Ended sign-ins of a card that are kept: files that their tablets saved can still be imported."""

MOST_KNOWN_DEVICES = 100
"""Devices of a student whose last contact and unsent sessions are stored."""
