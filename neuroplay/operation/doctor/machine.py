"""The checks of `neuroplay doctor` on this machine: settings, home, disk, processors, secret,
PWA."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from neuroplay.disk import nearest_existing, why_full
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
SET_AGAIN = (
    "It may be truncated: set the complete secret again. A new one would void all "
    "cards and sign-ins"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The result of a check. `state` is OK, WARNING or WRONG; `fix` is what to do, '' for nothing.
    `examine` adds the check's `name`."""

    name: str = ""
    state: str
    what: str
    fix: str = ""


def ok(what: str) -> Finding:
    return Finding(state=OK, what=what)


def warning(what: str, fix: str) -> Finding:
    return Finding(state=WARNING, what=what, fix=fix)


def wrong(what: str, fix: str) -> Finding:
    return Finding(state=WRONG, what=what, fix=fix)


def check_settings(settings: Settings) -> Finding:
    from urllib.parse import urlsplit

    from neuroplay.addresses import is_loopback
    from neuroplay.operation.serving.checks import certificate_problem, check_certificate

    url = urlsplit(settings.url)
    local = is_loopback(settings.url)
    if bool(settings.tls_cert) != bool(settings.tls_key):
        return wrong(
            "HTTPS needs both a certificate and a key; only one is set",
            "Set both NEUROPLAY_TLS_CERT and NEUROPLAY_TLS_KEY, or neither",
        )
    for file in (settings.tls_cert, settings.tls_key):
        if file is not None and not os.access(file, os.R_OK):
            return wrong(
                f"{file} cannot be read", "Correct NEUROPLAY_TLS_CERT and NEUROPLAY_TLS_KEY"
            )
    check_certificate(settings)  # raises CannotStart if it is invalid
    if problem := certificate_problem(settings):
        return warning(*problem)
    if url.scheme != "https" and not local:
        return warning(
            f"{settings.url} is not HTTPS, so tablets cannot play offline",
            "Set NEUROPLAY_PUBLIC_URL to an HTTPS address, or configure TLS",
        )
    return ok(settings.url + " (this machine only)" * local)


def check_home(home: Path) -> Finding:
    if not home.exists():
        parent = nearest_existing(home)
        if os.access(parent, os.W_OK):
            return warning(f"{home} does not exist yet", "Run: neuroplay serve")
        return wrong(
            f"{home} cannot be created: {parent} is not writable",
            "Set NEUROPLAY_HOME to a folder that you own",
        )
    if not home.is_dir():
        return wrong(f"{home} is not a folder", "Set NEUROPLAY_HOME to a folder")
    if not os.access(home, os.W_OK | os.X_OK):
        return wrong(
            f"{home} is not writable",
            f"Run as {user_name(home.stat().st_uid)}, or set NEUROPLAY_HOME",
        )
    if home.stat().st_mode & stat.S_IWOTH:
        return wrong(f"anyone can write in {home}", f"Run: chmod o-w {quote(str(home))}")
    owner = folders.owner_of(home)
    if foreign := folders.foreign_files(home, owner):
        others = sorted({user_name(place.lstat().st_uid) for place in foreign})
        return wrong(
            f"{foreign[0]} belongs to {', '.join(others)}, not to {owner.name}"
            + (f", and so do {len(foreign) - 1} more" if len(foreign) > 1 else ""),
            f"Run: sudo chown -R {owner.name} {quote(str(home))}",
        )
    return ok(f"{home}, served by {owner.name}")


def check_disk(home: Path) -> Finding:
    place = nearest_existing(home)
    usage = shutil.disk_usage(place)
    free = f"{usage.free / (1 << 30):.1f} GiB free of {usage.total / (1 << 30):.1f} GiB"
    full = why_full(home)
    if full or usage.free < DISK_WRONG_BYTES:
        return wrong(full or free, f"Free some space on the disk of {place}")
    if usage.free < DISK_LOW_BYTES:
        return warning(free, f"Free some space soon on the disk of {place}")
    return ok(free)


def check_processors(settings: Settings, processors: float) -> Finding:
    """Of a host that runs all parts: the API needs half of its processors (docs/scaling.md)."""
    has = settings.api_workers
    what = (
        f"{processors:g} for this host; {has} API process{'es' if has > 1 else ''}, "
        "each of which uses one at most"
    )
    useful = int(processors / 2)
    fix = f"If requests are refused: NEUROPLAY_API_WORKERS={useful}" if useful > has else ""
    return Finding(state=OK, what=what, fix=fix)


def check_secret(settings: Settings) -> Finding:
    if settings.secret:
        if len(settings.secret) < 32:
            return wrong("NEUROPLAY_SECRET is too short", SET_AGAIN)
        return ok("NEUROPLAY_SECRET is set")
    if settings.secret_file is None and not settings.embedded_database:
        return wrong(
            "with a database of your own the secret must be set",
            f"Set NEUROPLAY_SECRET or NEUROPLAY_SECRET_FILE to {KEEP_THE_CARDS}",
        )
    path = settings.secret_file or settings.home / "secret"
    if not path.exists():
        if settings.secret_file is None:
            return ok("none yet; the first start creates it")
        return wrong(f"{path} does not exist", "Correct NEUROPLAY_SECRET_FILE")
    try:
        length = len(read_whole(path, LARGEST_SECRET).strip())
    except PermissionError:
        return wrong(
            f"{path} cannot be read",
            f"Run as its owner, or: sudo chown $(id -u) {quote(str(path))}",
        )
    except (OSError, ValueError) as error:
        why = "it is not UTF-8" if isinstance(error, ValueError) else str(error.strerror).lower()
        return wrong(
            f"{path} contains no secret: {why}",
            f"Restore it from where it is kept: {KEEP_THE_CARDS}",
        )
    if length < 32:
        return wrong(
            f"{path} has fewer than 32 characters",
            "Restore the secret from a backup: cards and sign-ins depend on it",
        )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return wrong(f"other users can read {path}", f"Run: chmod 600 {quote(str(path))}")
    return ok(f"{path}, readable only by its owner")


def check_pwa() -> Finding:
    import neuroplay

    built = Path(neuroplay.__file__).parent / "api" / "pwa_dist"
    missing = [
        name
        for name in ("index.html", "sw.js", "manifest.webmanifest")
        if not (built / name).is_file()
    ]
    if missing:
        return wrong(
            f"not built: {', '.join(missing)} missing", "Run: make build, or install the wheel"
        )
    return ok(str(built))
