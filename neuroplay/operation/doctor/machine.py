"""What `neuroplay doctor` looks at on this machine: settings, home, disk, secret, PWA."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from neuroplay.disk import why_full
from neuroplay.infra.embedded import folders
from neuroplay.users import user_name
from neuroplay.whole_files import read_whole

if TYPE_CHECKING:
    from neuroplay.config import Settings

OK, WARNING, WRONG = "ok", "warning", "wrong"

DISK_WRONG_BYTES = 512 << 20
DISK_LOW_BYTES = 2 << 30
LARGEST_SECRET = 1 << 20


KEEP_THE_CARDS = (
    "the secret that this database's cards were made with, or for a new database create one: "
    "openssl rand -hex 32"
)
WHOLE_AGAIN = (
    "It may be truncated: set the complete secret again. A new one would void all "
    "cards and sign-ins"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """`state` is OK, WARNING or WRONG; `fix` says what to do, empty if nothing is needed."""

    name: str
    state: str
    what: str
    fix: str = ""


def check_settings(settings: Settings) -> Finding:
    from urllib.parse import urlsplit

    from neuroplay.addresses import is_loopback
    from neuroplay.operation.serving.checks import check_certificate, doubt_of_certificate

    url = urlsplit(settings.url)
    local = is_loopback(settings.url)
    if bool(settings.tls_cert) != bool(settings.tls_key):
        return Finding(
            name="settings",
            state=WRONG,
            what="HTTPS needs both a certificate and a key; only one is set",
            fix="Set both NEUROPLAY_TLS_CERT and NEUROPLAY_TLS_KEY, or neither",
        )
    for file in (settings.tls_cert, settings.tls_key):
        if file is not None and not os.access(file, os.R_OK):
            return Finding(
                name="settings",
                state=WRONG,
                what=f"{file} cannot be read",
                fix="Correct NEUROPLAY_TLS_CERT and NEUROPLAY_TLS_KEY",
            )
    check_certificate(settings)  # raises where it is none
    if doubt := doubt_of_certificate(settings):
        return Finding(name="settings", state=WARNING, what=doubt[0], fix=doubt[1])
    if url.scheme != "https" and not local:
        return Finding(
            name="settings",
            state=WARNING,
            what=f"{settings.url} is not HTTPS, so tablets cannot play offline",
            fix="Set NEUROPLAY_PUBLIC_URL to an HTTPS address, or configure TLS",
        )
    if local:
        return Finding(name="settings", state=OK, what=f"{settings.url} (this machine only)")
    return Finding(name="settings", state=OK, what=settings.url)


def check_home(home: Path) -> Finding:
    if not home.exists():
        parent = next(path for path in home.parents if path.exists())
        if os.access(parent, os.W_OK):
            return Finding(
                name="home",
                state=WARNING,
                what=f"{home} does not exist yet",
                fix="Run: neuroplay serve",
            )
        return Finding(
            name="home",
            state=WRONG,
            what=f"{home} cannot be created: {parent} is not writable",
            fix="Set NEUROPLAY_HOME to a folder that you own",
        )
    if not home.is_dir():
        return Finding(
            name="home",
            state=WRONG,
            what=f"{home} is not a folder",
            fix="Set NEUROPLAY_HOME to a folder",
        )
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding(
            name="home",
            state=WRONG,
            what=f"{home} is not writable",
            fix=f"Run as {user_name(home.stat().st_uid)}, or set NEUROPLAY_HOME",
        )
    if home.stat().st_mode & stat.S_IWOTH:
        return Finding(
            name="home",
            state=WRONG,
            what=f"anyone can write in {home}",
            fix=f"Run: chmod o-w {quote(str(home))}",
        )
    owner = folders.owner_of(home)
    if strange := folders.strangers(home, owner):
        others = sorted({user_name(place.lstat().st_uid) for place in strange})
        return Finding(
            name="home",
            state=WRONG,
            what=f"{strange[0]} belongs to {', '.join(others)}, not to {owner.name}"
            + (f", and so do {len(strange) - 1} more" if len(strange) > 1 else ""),
            fix=f"Run: sudo chown -R {owner.name} {quote(str(home))}",
        )
    return Finding(name="home", state=OK, what=f"{home}, served by {owner.name}")


def check_disk(home: Path) -> Finding:
    place = next(path for path in (home, *home.parents) if path.exists())
    usage = shutil.disk_usage(place)
    free = f"{usage.free / (1 << 30):.1f} GiB free of {usage.total / (1 << 30):.1f} GiB"
    if full := why_full(home):
        return Finding(
            name="disk", state=WRONG, what=full, fix=f"Free some space on the disk of {place}"
        )
    if usage.free < DISK_WRONG_BYTES:
        return Finding(
            name="disk", state=WRONG, what=free, fix=f"Free some space on the disk of {place}"
        )
    if usage.free < DISK_LOW_BYTES:
        return Finding(
            name="disk",
            state=WARNING,
            what=free,
            fix=f"Free some space soon on the disk of {place}",
        )
    return Finding(name="disk", state=OK, what=free)


def check_secret(settings: Settings) -> Finding:
    if settings.secret:
        if len(settings.secret) < 32:
            return Finding(
                name="secret",
                state=WRONG,
                what="NEUROPLAY_SECRET is too short",
                fix=WHOLE_AGAIN,
            )
        return Finding(name="secret", state=OK, what="NEUROPLAY_SECRET is set")
    if settings.secret_file is None and not settings.embedded_database:
        return Finding(
            name="secret",
            state=WRONG,
            what="with a database of your own the secret must be set",
            fix=f"Set NEUROPLAY_SECRET or NEUROPLAY_SECRET_FILE to {KEEP_THE_CARDS}",
        )
    path = settings.secret_file or settings.home / "secret"
    if not path.exists():
        if settings.secret_file is None:
            return Finding(name="secret", state=OK, what="none yet; the first start creates it")
        return Finding(
            name="secret",
            state=WRONG,
            what=f"{path} does not exist",
            fix="Correct NEUROPLAY_SECRET_FILE",
        )
    try:
        length = len(read_whole(path, LARGEST_SECRET).strip())
    except PermissionError:
        return Finding(
            name="secret",
            state=WRONG,
            what=f"{path} cannot be read",
            fix=f"Run as its owner, or: sudo chown $(id -u) {quote(str(path))}",
        )
    except (OSError, ValueError) as error:
        why = "it is not UTF-8" if isinstance(error, ValueError) else str(error.strerror).lower()
        return Finding(
            name="secret",
            state=WRONG,
            what=f"{path} contains no secret: {why}",
            fix=f"Restore it from where it is kept: {KEEP_THE_CARDS}",
        )
    if length < 32:
        return Finding(
            name="secret",
            state=WRONG,
            what=f"{path} has fewer than 32 characters",
            fix="Restore the secret from a backup: cards and sign-ins depend on it",
        )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(
            name="secret",
            state=WRONG,
            what=f"other users can read {path}",
            fix=f"Run: chmod 600 {quote(str(path))}",
        )
    return Finding(name="secret", state=OK, what=f"{path}, readable only by its owner")


def check_pwa() -> Finding:
    import neuroplay

    built = Path(neuroplay.__file__).parent / "api" / "pwa_dist"
    missing = [
        name
        for name in ("index.html", "sw.js", "manifest.webmanifest")
        if not (built / name).is_file()
    ]
    if missing:
        return Finding(
            name="pwa",
            state=WRONG,
            what=f"not built: {', '.join(missing)} missing",
            fix="Run: make build, or install the wheel",
        )
    return Finding(name="pwa", state=OK, what=str(built))
