"""The server's secret, and everything that is derived from it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from neuroplay.access import OWN
from neuroplay.config import Settings
from neuroplay.core.errors import SettingsError
from neuroplay.core.rules.codes import ALPHABET

if TYPE_CHECKING:
    from sqlalchemy import Engine

PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
"""Two characters for each ten bits: a sign-in makes the codes of a whole class."""

SHORTEST = 32
LONGEST = 1 << 16
"""Bytes of a file that holds a secret; more is some other file."""

FILE = "secret"


class HmacSecrets:
    """HMAC-SHA-256 under the server's secret, a domain word for each purpose."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def card_code(self, student_id: int, card_version: int) -> str:
        bits = int.from_bytes(self._mac("card", f"{student_id}:{card_version}")[:8]) >> 14
        return "".join([PAIRS[bits >> place & 1023] for place in (40, 30, 20, 10, 0)])

    def new_token(self) -> str:
        return secrets.token_urlsafe(32)

    def token_hash(self, token: str) -> bytes:
        return self._mac("token", token)

    def export_key(self, token_id: UUID) -> str:
        return self._mac("export", str(token_id)).hex()

    def mark(self) -> str:
        """What tells this secret from others, and nothing of it."""
        return self._mac("mark", "")[:16].hex()

    def _mac(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256)


def check_mark(secrets: HmacSecrets, stored: str | None, settings: Settings) -> None:
    """Raise SettingsError where the database's cards were made with another secret; `stored` is
    its mark."""
    if stored is None or secrets.mark() == stored:
        return
    place = place_of_secret(settings)
    if settings.secret and HmacSecrets(settings.secret.strip().strip("\ufeff")).mark() == stored:
        raise SettingsError(
            f"the secret in {place} has a space or a line end too many",
            code="wrong_secret",
            hint="Set it without",
        )
    raise SettingsError(
        f"the secret in {place} is not the one with which the cards and sign-ins of this database "
        "were made",
        code="wrong_secret",
        hint="Put the old secret back. If it is lost, all cards are void and must be printed "
        "again: neuroplay serve --new-secret. See docs/recovery.md",
    )


def checked_secrets(engine: Engine, settings: Settings) -> HmacSecrets:
    """Raises SettingsError where it is not the secret of the database's cards."""
    from neuroplay.infra.db import secret_mark

    secrets = HmacSecrets(load_secret(settings))
    check_mark(secrets, secret_mark.stored(engine), settings)
    return secrets


def keep_secret(engine: Engine, settings: Settings, *, new: bool, who: str) -> bool:
    """Have the database keep a mark of the secret, where it has none; where it has another's,
    replace that only if `new`. Whether cards are void now. Raises SettingsError."""
    from neuroplay.infra.db import secret_mark

    secrets = HmacSecrets(load_secret(settings))
    if new:
        return secret_mark.replace(engine, secrets.mark(), who=who)
    check_mark(secrets, secret_mark.keep(engine, secrets.mark()), settings)
    return False


def place_of_secret(settings: Settings) -> str:
    """Where the secret is kept, in words for people: a setting's name or a path."""
    if settings.secret:
        return "NEUROPLAY_SECRET"
    return str(settings.secret_file or settings.home / FILE)


def knows_secret(settings: Settings) -> bool:
    """Whether there is a secret to be loaded, be it a good one or not."""
    named = bool(settings.secret) or settings.secret_file is not None
    return named or (settings.embedded_database and _is_there(settings.home / FILE))


def load_secret(settings: Settings, *, make: bool = False) -> str:
    """The secret of NEUROPLAY_SECRET or NEUROPLAY_SECRET_FILE; with the embedded database the one
    in NEUROPLAY_HOME, which nothing but a `serve` makes. Raises SettingsError."""
    if settings.secret:
        return _long_enough(settings.secret, "NEUROPLAY_SECRET")
    if settings.secret_file is not None:
        return _long_enough(_read(settings.secret_file), str(settings.secret_file))
    if not settings.embedded_database:
        raise SettingsError(
            "NEUROPLAY_SECRET is not set; with a database of your own, cards and tokens need it",
            code="no_secret",
            hint="Set NEUROPLAY_SECRET to the one that this database's cards were made with. For a "
            "new database make one, and keep it with every backup: openssl rand -hex 32",
        )
    path = settings.home / FILE
    if not _is_there(path):
        if not make:
            raise SettingsError(
                f"there is no secret in {settings.home}: NeuroPlay was never served there",
                code="no_secret",
                hint="Check NEUROPLAY_HOME, or run: neuroplay serve",
            )
        _make(path)
    return _long_enough(_read(path), str(path))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder that is closed to this user: reading it says so
        return True


def make_ops_token(settings: Settings) -> None:
    """The token that /metrics and /ops ask for, in the home, where NEUROPLAY_OPS_TOKEN names none.
    Raises SettingsError."""
    path = settings.home / OWN
    if not settings.ops_token and not _is_there(path):
        _make(path)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:  # a device has no end
            content = file.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise ValueError(f"it is longer than {LONGEST >> 10} KiB")
        return content.decode("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        if isinstance(error, OSError) and error.strerror:
            why = error.strerror.lower()
        raise SettingsError(
            f"the secret in {path} cannot be read: {why}",
            code="no_secret",
            hint="Check the file and its permissions: neuroplay doctor",
        ) from None


def _make(path: Path) -> None:
    """Write a new secret, whole or not at all; where another thread or process was faster, its own
    stays."""
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}.making")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(making, path)
        finally:
            making.unlink()
    except OSError as error:
        raise SettingsError(
            f"no secret could be made in {path.parent}: {error.strerror or error}",
            code="no_secret",
            hint="Make the folder writable, or set NEUROPLAY_HOME",
        ) from None


def _long_enough(secret: str, where: str) -> str:
    if len(secret) < SHORTEST:
        raise SettingsError(
            f"the secret in {where} has fewer than {SHORTEST} characters",
            code="weak_secret",
            hint="Set the whole secret again, from where it is kept: a new one would end every "
            "card and sign-in. Only a new installation makes one: openssl rand -hex 32",
        )
    return secret
