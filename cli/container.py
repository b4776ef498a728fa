"""What the container image runs: python -m cli.container [ROLE | COMMAND] [OPTIONS]

ROLE is api, worker, beat or migrate. Without one, everything runs in this container.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from cli.main import main
from cli.output import errors

ROLES = {
    "api": ("serve", "--only", "api"),
    "worker": ("serve", "--only", "worker"),
    "beat": ("serve", "--only", "beat"),
    "migrate": ("db", "migrate"),
}

EVERYTHING = "serve"


def command_line(arguments: Sequence[str]) -> list[str]:
    """The arguments of `neuroplay` for those of the container."""
    if not arguments:
        return [EVERYTHING]
    role, *options = arguments
    return [*ROLES.get(role, (role,)), *options]


def run(arguments: Sequence[str]) -> int:
    """Run a container until its end; returns the exit code."""
    # The kernel drops signals for which process 1 has no handler. `serve` installs its own later.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _check_database(next(iter(arguments), EVERYTHING))
    except BaseException as error:  # noqa: BLE001 - every error gets its exit code, as in `main`
        return errors.report(error)
    return main(command_line(arguments))


def _check_database(role: str) -> None:
    """Raise CannotStart if the role would use a database that is not there, or would be lost."""
    from neuroplay.config import load_settings
    from neuroplay.operation.serving.checks import check_outside, check_volume

    if role == EVERYTHING:
        check_volume(load_settings())
    elif role == "migrate":
        check_outside(load_settings())


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
