"""The hash by which a record that is sent again is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def hash_payload(payload: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON (RFC 8785) of `payload`: 32 bytes.

    Two spellings of the same record (order of names, `120` and `120.0`) hash alike. Raises
    ValueError for whole numbers beyond 2**53, which canonical JSON cannot tell apart.
    """
    return hashlib.sha256(rfc8785.dumps(payload)).digest()
