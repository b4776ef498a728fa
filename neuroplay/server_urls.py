"""Validates DATABASE_URL and REDIS_URL, so that all libraries that parse one agree on the server.

Uses only the standard library, since every command reads the settings. Messages never quote the
value, which may contain a password.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

DATABASE_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg2")

REDIS_SCHEMES = ("redis", "rediss", "unix")

REDIS_OPTIONS = frozenset({"db", "username", "password", "client_name"})

TLS_OPTIONS = frozenset(
    {
        "ssl_ca_certs",
        "ssl_ca_path",
        "ssl_cert_reqs",
        "ssl_certfile",
        "ssl_check_hostname",
        "ssl_keyfile",
        "ssl_password",
    }
)

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f#;\\^`{}<>|\"]")


def check_database_url(url: str) -> None:
    """Check the scheme and @; libpq parses the rest. Raises ValueError with a message for users."""
    scheme, _, rest = url.partition("://")
    if scheme not in DATABASE_SCHEMES:
        raise ValueError(f"it must start with {DATABASE_SCHEMES[0]}://")
    if re.split(r"[/?]", rest)[0].count("@") > 1:
        raise ValueError("an @ within a name or a password must be written %40")


def check_redis_url(url: str) -> None:
    """Raises ValueError with a message for users."""
    parts = split(url, REDIS_SCHEMES)
    asked = parse_qs(parts.query, keep_blank_values=True)
    known = REDIS_OPTIONS | (TLS_OPTIONS if parts.scheme == "rediss" else frozenset())
    for name, values in asked.items():
        if name not in known:
            tls = name in TLS_OPTIONS
            raise ValueError(
                f"the option {name} is {'for rediss:// alone' if tls else 'not known'}; "
                f"there are {', '.join(sorted(known))}"
            )
        if len(values) > 1 or not values[0]:
            raise ValueError(f"the option {name} must have exactly one value")
    for name, value in (("username", parts.username), ("password", parts.password)):
        if value and name in asked:
            raise ValueError(f"the {name} appears twice")
    if parts.scheme == "unix":
        if parts.hostname or len(unquote(parts.path)) < 2:
            raise ValueError("write a socket as unix:///path/of/the.sock?db=0")
    else:
        _check_place(parts)
        if parts.path.strip("/") and "db" in asked:
            raise ValueError("the database's number appears twice")
    number = asked["db"][0] if "db" in asked else ""
    if "db" in asked and not (number.isascii() and number.isdigit()):
        raise ValueError("the option db must be the database's number, as db=2")


def split(url: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of a valid URL with one of these schemes. Raises ValueError."""
    if _UNSAFE.search(url):
        raise ValueError(
            "it contains a character that must be written as %XX: # as %23, ; as %3B, a space "
            "as %20"
        )
    scheme = url.partition("://")[0]
    if scheme not in schemes:
        raise ValueError(f"it must start with {schemes[0]}://")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("it cannot be parsed: [ and ] may only enclose an IPv6 address") from None
    if parts.netloc.count("@") > 1:
        raise ValueError("an @ within a name or a password must be written %40")
    return parts


def _check_place(parts: SplitResult) -> None:
    """Check HOST[:PORT][/NUMBER]. Raises ValueError."""
    number = parts.path.strip("/")
    if number and not (number.isascii() and number.isdigit() and parts.path.count("/") == 1):
        raise ValueError(
            "its path must be the database's number, as redis://host:6379/2; a / within a "
            "password must be written %2F"
        )
    if "," in parts.netloc.rpartition("@")[2]:
        raise ValueError("it must name one server")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("its port is not a number from 1 to 65535") from None
    if port == 0:
        raise ValueError("its port is not a number from 1 to 65535")
    if not parts.hostname:
        raise ValueError("it has no host; write redis://host:6379")
