"""What the tests measured is shown at the end of the run."""

from __future__ import annotations

import pytest

said: dict[str, list[str]] = {}
"""By title, lines for the end of the run."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in said.items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
