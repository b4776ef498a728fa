"""Removes nicknames, codes, tokens and passwords from log lines and error reports."""

from __future__ import annotations

import re

from neuroplay.core.errors import NeuroPlayError

REMOVED = "(removed)"
LONGEST_MESSAGE = 200

SECRET_KEYS = frozenset(
    {
        "authorization",
        "avatar",
        "body",
        "card",
        "card_code",
        "class_code",
        "class_name",
        "code_typed",
        "cookie",
        "data",
        "dsn",
        "export_key",
        "headers",
        "name_typed",
        "nickname",
        "params",
        "password",
        "payload",
        "query",
        "query_string",
        "roster",
        "secret",
        "session",
        "student",
        "token",
        "token_hash",
    }
)
"""Keys of a log line whose values are removed."""

_SECRETS = (
    re.compile(r"(?i)(bearer\s+)\S+"),
    re.compile(r"(?i)(card=)[^\s&\"']+"),
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
)
_SUSPECT = re.compile(r"[Bb][Ee][Aa][Rr]|[Cc][Aa][Rr][Dd]=|@")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\([^()]*=[^()]*\)")


def scrub_text(text: str) -> str:
    """Remove bearer tokens, card links and passwords in URLs."""
    if _SUSPECT.search(text):  # for speed: every line passes here, and few contain any of them
        for pattern in _SECRETS:
            text = pattern.sub(rf"\g<1>{REMOVED}", text)
    return text


def safe_message(error: BaseException) -> str:
    """The part of an error's message that may be logged: our code, or its first line without
    quoted values.

    Libraries quote values that they reject, which may be a child's nickname. Databases add
    parameters in further lines.
    """
    if isinstance(error, NeuroPlayError):
        return error.code
    lines = str(error).splitlines()
    first = lines[0] if lines else ""
    return scrub_text(_QUOTED.sub("'…'", first))[:LONGEST_MESSAGE]
