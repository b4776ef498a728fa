"""The server's secret, and what is derived from it: card codes, token hashes, the mark."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from neuroplay.access import OWN
from neuroplay.config import Settings
from neuroplay.core.errors import SettingsError
from neuroplay.core.rules.codes import ALPHABET

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from neuroplay.core.entities.principal import Role
    from neuroplay.core.interfaces.services import AdultSecret

PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
"""Two characters for each ten bits. For speed: a sign-in computes the codes of a whole class."""

SHORTEST = 32
"""Characters of a secret."""

LONGEST = 1 << 16
"""Bytes of a file with a secret; a longer one is some other file."""

FILE, OLD_FILE, RETIRED_FILE = "secret", "secret.old", "secret.retired"

CARDS_KEPT = 4096
"""Codes of cards that a process keeps: a sign-in compares those of a whole class."""

FORMAT_AND_CELL = "np1_0_"
"""Starts new tokens, so that a front door can route by the cell (today there is only 0) and
scanners for leaked secrets find them. Older tokens have no prefix."""


class HmacSecrets:
    """HMAC-SHA-256 with the server's secret, and a prefix for each purpose. `other` is accepted,
    too, while a secret is being replaced."""

    def __init__(self, secret: str, *, other: HmacSecrets | None = None) -> None:
        self._empty = hmac.new(secret.encode(), digestmod="sha256")
        """The code of no text yet: a copy costs a third of a new one."""

        self._other = other
        self._card_code = lru_cache(CARDS_KEPT)(self._new_card_code)
        self._mark = self._mac("mark", "")[:16].hex()

    @property
    def accepted(self) -> tuple[HmacSecrets, ...]:
        return (self,) if self._other is None else (self, self._other)

    def in_use(self, stored: str | None) -> HmacSecrets:
        """Of those accepted, the one by which new cards and tokens are made: whose mark is
        `stored` in the database."""
        if self._other is None or self._other.mark() != stored:
            return self
        return self._other.accepting(self)

    def accepting(self, other: HmacSecrets) -> HmacSecrets:
        """This one, and `other` beside it."""
        made = HmacSecrets("", other=other)
        made._empty = self._empty
        return made

    def card_code(self, role: Role, holder_id: int, card_version: int) -> str:
        return self._card_code(role.card_word, holder_id, card_version)

    def _new_card_code(self, card_word: str, holder_id: int, card_version: int) -> str:
        bits = int.from_bytes(self._mac(card_word, f"{holder_id}:{card_version}")[:8]) >> 14
        return "".join([PAIRS[bits >> place & 1023] for place in (40, 30, 20, 10, 0)])

    def new_token(self) -> str:
        return FORMAT_AND_CELL + secrets.token_urlsafe(32)

    def token_hash(self, token: str) -> bytes:
        return self._mac("token", token)

    def adult_hash(self, kind: AdultSecret, token: str) -> bytes:
        return self._mac(f"adult {kind}", token)

    def export_key(self, token_id: UUID) -> str:
        return self._mac("export", str(token_id)).hex()

    def roster_key(self, text: str) -> bytes:
        return self._mac("roster", text)[:16]

    def mark(self) -> str:
        """32 hexadecimal digits that identify the secret without revealing it."""
        return self._mark

    def _mac(self, purpose: str, text: str) -> bytes:
        code = self._empty.copy()
        code.update(f"{purpose}\0{text}".encode())
        return code.digest()


def check_mark(secrets: HmacSecrets, stored: str | None, settings: Settings) -> None:
    """Raise SettingsError if `stored`, the database's mark, is that of another secret."""
    if stored is None or stored in {one.mark() for one in secrets.accepted}:
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
    """The secrets of `settings`. Raises SettingsError if the database's cards have another one."""
    from neuroplay.infra.db import secret_mark

    secrets, stored = load_secrets(settings), secret_mark.stored(engine)
    check_mark(secrets, stored, settings)
    return secrets.in_use(stored)


def keep_secret(engine: Engine, settings: Settings, *, new: bool, who: str) -> bool:
    """Store the secret's mark in the database if it has none, or replace it if `new`.

    Returns whether existing cards became invalid. Raises SettingsError if the mark is that of
    another secret and not `new`.
    """
    from neuroplay.infra.db import secret_mark

    secrets = load_secrets(settings)
    if new:
        return secret_mark.replace(engine, secrets.mark(), who=who)
    check_mark(secrets, secret_mark.keep(engine, secrets.mark()), settings)
    return False


def place_of_secret(settings: Settings) -> str:
    """Where the secret is kept, for messages: the name of a setting, or a path."""
    if settings.secret:
        return "NEUROPLAY_SECRET"
    return str(settings.secret_file or settings.home / FILE)


def knows_secret(settings: Settings) -> bool:
    """Whether a secret exists, valid or not."""
    named = bool(settings.secret) or settings.secret_file is not None
    return named or (settings.embedded_database and _is_there(settings.home / FILE))


def load_secret(settings: Settings, *, make: bool = False) -> str:
    """The secret from NEUROPLAY_SECRET or NEUROPLAY_SECRET_FILE.

    With the embedded database it may be in NEUROPLAY_HOME; `make` (only `serve`) creates it there.
    Raises SettingsError.
    """
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


def load_secrets(settings: Settings) -> HmacSecrets:
    """The secret, and the old one beside it if there is one. Raises SettingsError."""
    secret, old = load_secret(settings), load_old_secret(settings)
    # Both are the same if a rotation was interrupted before it wrote the new one.
    other = None if old in (None, secret) else HmacSecrets(str(old))
    return HmacSecrets(secret, other=other)


def load_old_secret(settings: Settings) -> str | None:
    """The secret that is being replaced, and still accepted; None if there is none. Raises
    SettingsError."""
    if settings.old_secret:
        return _long_enough(settings.old_secret, "NEUROPLAY_OLD_SECRET")
    path = settings.old_secret_file
    if path is None:
        path = settings.home / OLD_FILE
        if not is_in_home(settings) or not _is_there(path):
            return None
    return _long_enough(_read(path), str(path))


def is_in_home(settings: Settings) -> bool:
    """Whether the secret is the file that `serve` made in the home."""
    return not settings.secret and settings.secret_file is None and settings.embedded_database


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # the folder is not accessible; reading the file reports it
        return True


def make_ops_token(settings: Settings) -> None:
    """Create the token for /metrics and /ops in the home, unless NEUROPLAY_OPS_TOKEN is set.
    Raises SettingsError."""
    path = settings.home / OWN
    if not settings.ops_token and not _is_there(path):
        _make(path)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:  # bounded: a device never ends
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
    """Write a new secret atomically. If another thread or process was faster, its secret stays."""
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
