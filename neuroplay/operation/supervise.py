"""The supervisor process: python -m neuroplay.operation.supervise ORDERS BOOT

ORDERS and BOOT are descriptors. ORDERS is a JSON file with the home, its runtime folder, the
programs and whether their logs are copied, as `write_orders` writes it. BOOT is the read end of the
boot process's pipe.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from neuroplay.infra.embedded import append_only
from neuroplay.infra.supervision import child, clear, remove_empty
from neuroplay.infra.supervision.forks import Forked, ForkServer
from neuroplay.infra.supervision.loop import Loop
from neuroplay.infra.supervision.supervisor import Program


def write_orders(
    home: Path,
    runtime_dir: Path,
    programs: Sequence[Program],
    *,
    forked: Forked | None = None,
    copy_logs: bool = False,
) -> int:
    """Write ORDERS to an anonymous file; returns its descriptor, which survives an exec. With
    `copy_logs`, the supervisor copies the programs' logs to its standard error. `forked` has the
    programs that a fork server starts."""
    orders = {
        "home": str(home),
        "runtime": str(runtime_dir),
        "programs": [*map(asdict, programs)],
        "forked": forked and asdict(forked),
        "copy_logs": copy_logs,
    }
    descriptor = os.memfd_create("orders", 0)
    os.write(descriptor, json.dumps(orders).encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def main(orders: int, boot: int) -> int:
    """Run the supervisor until it is asked to stop; returns the exit code."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the descriptor of the listing itself
            os.set_inheritable(int(name), int(name) <= 2)
    with open(orders, encoding="utf-8") as file:
        content = json.load(file)
    home, runtime = Path(content["home"]), Path(content["runtime"])
    programs = [Program(**one) for one in content["programs"]]

    def rescue(name: str, status: int) -> str:
        return append_only.rescue(home / name, status) if name == "redis" else ""

    try:
        return Loop(
            programs,
            runtime=runtime,
            logs=home / "logs",
            copied_to=sys.stderr.fileno() if content["copy_logs"] else None,
            boot=boot,
            rescue=rescue,
            forks=ForkServer(runtime, Forked(**content["forked"])) if content["forked"] else None,
        ).run()
    finally:
        # Processes that left their program's process group and outlived it.
        with suppress(OSError):
            child.end_leftovers(child.mark(runtime, ""), prefix=True, first=signal.SIGKILL)
        clear(runtime)
        remove_empty(runtime)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
