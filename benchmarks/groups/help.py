"""Response times of frequently used commands."""

from __future__ import annotations

import subprocess

from benchmarks.harness.figures import Figure, repeat, seconds
from benchmarks.harness.options import Options
from benchmarks.harness.system import NEUROPLAY, System

ASK_THE_STORE = ("class list", "student show 1", "sync list", "sync status")


def measure(options: Options) -> list[Figure]:
    def run(*arguments: str, system: System | None = None) -> float:
        return seconds(
            lambda: subprocess.run(
                [NEUROPLAY, *arguments],
                capture_output=True,
                check=True,
                env=system.environment if system else None,
            )
        )

    with System.temporary() as system:
        system.start()
        system.wait_until_complete()
        status = repeat(lambda: run("status", system=system), runs=options.runs)
        asking = [
            Figure(
                name=f"neuroplay {command}",
                unit="s",
                aim=0.35,
                values=repeat(lambda: run(*command.split(), system=system), runs=options.runs),  # noqa: B023 - called at once
            )
            for command in ASK_THE_STORE
        ]
        system.stop()
    return [
        Figure(
            name="neuroplay --help",
            unit="s",
            aim=0.25,
            values=repeat(lambda: run("--help"), runs=options.runs * 2),
        ),
        Figure(name="neuroplay status", unit="s", aim=0.5, values=status),
        *asking,
    ]
