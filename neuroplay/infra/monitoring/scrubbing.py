"""What may be said of an error. No nickname, code or token may reach a log line or a report."""

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
"""Keys of a log line whose values are never shown."""

_SECRETS = (
    re.compile(r"(?i)(bearer\s+)\S+"),
    re.compile(r"(?i)(card=)[^\s&\"']+"),
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
)
_SUSPECT = re.compile(r"[Bb][Ee][Aa][Rr]|[Cc][Aa][Rr][Dd]=|@")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\([^()]*=[^()]*\)")


def scrub_text(text: str) -> str:
    """`text` without bearer tokens, card links and passwords in URLs."""
    if _SUSPECT.search(text):  # few lines hold any of them, and every line comes through here
        for pattern in _SECRETS:
            text = pattern.sub(rf"\g<1>{REMOVED}", text)
    return text


def safe_message(error: BaseException) -> str:
    """What of an error's own words may be told: our code, or one line without quoted values.

    Libraries quote the value that they choke on, and that value may be a child's nickname;
    databases put parameters into the lines that follow.
    """
    if isinstance(error, NeuroPlayError):
        return error.code
    lines = str(error).splitlines()
    first = lines[0] if lines else ""
    return scrub_text(_QUOTED.sub("'…'", first))[:LONGEST_MESSAGE]
