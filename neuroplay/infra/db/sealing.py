"""Encrypting backups with age (https://age-encryption.org), and opening them again.

Whoever has the backups then still needs the identity, which should be on no machine that makes
them. What must be known before opening a file stands beside it in the clear: its checksum, and in
comment lines of the same file the schema and the mark of the secret.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db.dump_programs import BackupFailed
from neuroplay.infra.embedded.folders import need_space
from neuroplay.whole_files import private, read_whole

if TYPE_CHECKING:
    from pyrage import x25519

MAGIC = b"age-encryption.org/v1\n"

LARGEST_IDENTITY = 1 << 16
"""Bytes of a file of identities; a longer one is some other file."""


class Writable(Protocol):
    """Where encrypted bytes go."""

    def write(self, chunk: bytes, /) -> int: ...
    def flush(self) -> None: ...


class WrongIdentity(BackupFailed):
    """A backup that these identities do not open, or that is damaged."""

    code = "wrong_identity"


def is_sealed(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def recipients_of(texts: Sequence[str]) -> list[x25519.Recipient]:
    """age's recipients, as `age-keygen` prints them. Raises SettingsError."""
    import pyrage

    found = []
    for text in texts:
        try:
            found.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError:
            raise SettingsError(
                f"{text!r} is no recipient of age",
                code="bad_recipient",
                hint="Give the public key that age-keygen prints: age1...",
            ) from None
    return found


def seal(source: IO[bytes], target: Writable, recipients: Sequence[x25519.Recipient]) -> None:
    """Read all of `source`, and write it encrypted."""
    import pyrage

    pyrage.encrypt_io(source, target, list(recipients))


@contextmanager
def unsealed(file: Path, identity: Path | None, folder: Path) -> Iterator[Path]:
    """The backup in the clear: the file itself, or if it is encrypted a copy below `folder` that
    only its owner can read, removed afterwards. Raises WrongIdentity, SettingsError, CannotStart,
    OSError."""
    import pyrage

    if not is_sealed(file):
        yield file
        return
    if identity is None:
        raise SettingsError(
            f"{file} is encrypted",
            code="no_identity",
            hint="Give the file with the identity that belongs to its recipient: --identity FILE",
        )
    identities = _identities(identity)
    need_space(folder, file.stat().st_size, hint="Free some space, or set TMPDIR")
    with tempfile.TemporaryDirectory(prefix="neuroplay-backup-", dir=folder) as place:
        plain = Path(place, file.stem)
        with file.open("rb") as source, private(plain) as target:
            try:
                pyrage.decrypt_io(source, target, identities)
            except pyrage.DecryptError as error:
                raise WrongIdentity(
                    f"{file} cannot be decrypted: {str(error).lower()}",
                    hint=f"Give the identity of its recipient; {identity} has another",
                ) from None
            except OSError as error:
                if error.errno is not None:
                    raise
                raise WrongIdentity(
                    f"{file} is damaged: it can be decrypted only in part",
                    hint="Copy it again, or use another backup",
                ) from None
        yield plain


def _identities(file: Path) -> list[x25519.Identity]:
    import pyrage

    try:
        lines = read_whole(file, LARGEST_IDENTITY).splitlines()
        keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        found = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except (ValueError, pyrage.IdentityError):
        found = []
    if not found:
        raise SettingsError(
            f"{file} contains no identity of age",
            code="bad_identity",
            hint="Give the file that age-keygen wrote, with AGE-SECRET-KEY-1...",
        )
    return found
