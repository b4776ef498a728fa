"""The checks of `neuroplay doctor`, in order. Each reports what it found and how to fix it.
Imports bootstrap and the rest of operation; `cli.commands.doctor` imports it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from neuroplay.operation.doctor import machine, servers
from neuroplay.operation.doctor.machine import OK, WARNING, WRONG, Finding

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

__all__ = ["OK", "WARNING", "WRONG", "Finding", "examine"]


Describe = Callable[[Exception], tuple[str, str, int]]
"""Message, hint and exit code of an error."""


def examine(*, describe: Describe, check_api: Callable[[], Finding]) -> Iterator[Finding]:
    """Run all checks in order. If one raises an error, its finding is WRONG, with the message and
    hint from `describe`. `check_api` checks the running API."""
    from neuroplay.bootstrap import build
    from neuroplay.core.errors import SettingsError
    from neuroplay.infra.monitoring.processors import usable_processors
    from neuroplay.operation.running import means_another_system, settings_here

    try:
        settings = settings_here()
    except SettingsError as error:
        yield Finding(
            name="settings",
            state=WRONG,
            what=error.message,
            fix="Correct it in the environment or .env; see docs/settings.md",
        )
        return
    another = means_another_system(settings)
    if another:
        yield servers.another_runs(settings)
    container = build(settings)

    @cache
    def database() -> Finding:
        return _run("database", lambda: servers.check_database(container), describe)

    def asks(check: Callable[[Container], Finding]) -> Callable[[], Finding]:
        """A check that is not made if the database does not answer: it would say so again."""
        return lambda: check(container) if database().state == OK else servers.NOT_CHECKED

    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("settings", lambda: machine.check_settings(settings)),
        ("home", lambda: machine.check_home(settings.home)),
        ("disk", lambda: machine.check_disk(settings.home)),
        ("processors", lambda: machine.check_processors(settings, usable_processors())),
        ("secret", lambda: machine.check_secret(settings)),
        ("pwa", machine.check_pwa),
        ("database", database),
        ("clock", asks(servers.check_clock)),
        ("schema", asks(servers.check_schema)),
        ("cards", asks(servers.check_cards)),
        ("backups", asks(servers.check_backups)),
        ("redis", lambda: servers.check_redis(container, another_runs=another)),
        ("api", check_api),
    )
    if settings.has_standby:
        checks += (("standby", asks(servers.check_standby)),)
    try:
        for name, check in checks:
            yield _run(name, check, describe)
    finally:
        container.close()


def _run(name: str, check: Callable[[], Finding], describe: Describe) -> Finding:
    try:
        return replace(check(), name=name)
    except Exception as error:  # noqa: BLE001 - every error is a finding
        message, hint, _ = describe(error)
        what = " ".join(message.split())
        return Finding(name=name, state=WRONG, what=what, fix=without_the_doctor(hint))


def without_the_doctor(hint: str) -> str:
    """The hint without the advice to run `neuroplay doctor`."""
    rest = re.sub(r"(?:[,;:.]? *or)?(?:[,;:.]? *run)?:? *neuroplay doctor", "", hint, flags=re.I)
    return rest.strip()
