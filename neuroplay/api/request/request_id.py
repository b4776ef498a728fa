"""Every request has an id: the client's, where it is a decent one, else a new one."""

from __future__ import annotations

import re
from random import getrandbits

from flask import g

HEADER = "X-Request-ID"
DECENT = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


def request_id_from(header: str | None) -> str:
    if header is not None and DECENT.fullmatch(header):
        return header
    # Nobody need be unable to guess it, and the system's own randomness would let other threads in.
    return f"{getrandbits(96):024x}"


def current_request_id() -> str:
    """The id of the request that is being answered."""
    request_id: str = g.get("request_id", "")
    return request_id
