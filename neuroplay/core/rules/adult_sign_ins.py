"""How long invitations and adults' sign-ins last."""

from __future__ import annotations

LINK_HOURS = 24
"""An invitation works for so long."""

IDLE_HOURS = 12
"""A sign-in ends after so long without use: a school day, and no night at a shared computer."""

LONGEST_DAYS = 30
"""A sign-in ends after so long, however much it is used."""

USE_NOTED_S = 60
"""The last use of a sign-in is recorded at most this often."""

AHEAD_MINUTES = 10
"""What says that it is later than that from now was made while the clock was ahead, and has ended:
nobody could say how old it is."""

MOST_SIGN_INS = 20
"""Sign-ins of an adult; a further one ends the least recently used."""

ENDED_DAYS = 30
"""Used and late invitations are kept for so long, so that they are answered in plain words."""
