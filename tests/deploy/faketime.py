"""A wrong clock for a host: libfaketime, the machine's own or Debian's package, unpacked and never
installed. A time namespace would not do: it has a monotonic clock of its own, no other time of day.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.proxies.programs import unpack

UNPACKED = Path(__file__).parents[2] / ".venv" / "faketime"
"""Goes when the environment goes."""


def off_by(seconds: int) -> tuple[str, ...]:
    """The command under which a program's clock is ahead by `seconds`; skips where it cannot be
    had."""
    if not (library := _find()):
        try:
            unpack(("libfaketime",), UNPACKED)
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"libfaketime is not on this machine and cannot be fetched: {error}")
        library = _find()
    # Also moves its monotonic clock: libfaketime 0.9.10 breaks time.sleep() otherwise.
    return ("env", f"LD_PRELOAD={library}", f"FAKETIME={seconds:+}")


def _find() -> Path | None:
    place = "usr/lib/*/faketime/libfaketime.so.1"
    return next((file for root in (Path("/"), UNPACKED) for file in root.glob(place)), None)
