"""The id of each request: the client's if it is valid, otherwise a new one."""

from __future__ import annotations

import re
from random import getrandbits

HEADER = "X-Request-ID"
VALID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


def request_id_from(header: str | None) -> str:
    if header is not None and VALID.fullmatch(header):
        return header
    # It need not be unpredictable, and reading the system's randomness would release Python's lock.
    return f"{getrandbits(96):024x}"
