"""How long the chaos lasts, by which seed, and where the ledger is shown.

NEUROPLAY_CHAOS_SEED     what a run printed, to have the same games and faults again
NEUROPLAY_CHAOS_ROUNDS   how often every fault happens, each round in another order [1]
"""

from __future__ import annotations

import os
from random import Random

import pytest

SEED = int(os.environ.get("NEUROPLAY_CHAOS_SEED") or Random().randrange(1_000_000))
ROUNDS = int(os.environ.get("NEUROPLAY_CHAOS_ROUNDS") or 1)

said: list[str] = []
"""Lines for the end of the run."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if said:
        terminalreporter.section(f"chaos, NEUROPLAY_CHAOS_SEED={SEED}")
        for line in said:
            terminalreporter.write_line(line)
