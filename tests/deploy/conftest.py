"""The image that is tested, built once; and what the tests measured, at the end of the run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.image.engine import Engine, ImageError, find_or_install
from neuroplay import __version__
from tests.deploy.chart import ROOT
from tests.deploy.containers import Image

IMAGE = f"localhost/neuroplay-test:{__version__}"

CANNOT = 3

said: dict[str, list[str]] = {}
"""By title, lines for the end of the run."""


@pytest.fixture(scope="session")
def engine() -> Engine:
    try:
        found = find_or_install()
    except ImageError as error:
        pytest.skip(str(error))
    if os.geteuid() != 0:
        pytest.skip("only root can read the database in a container's volume: run this as root")
    return found


@pytest.fixture(scope="session")
def image(engine: Engine) -> Image:
    built = subprocess.run(
        [sys.executable, "-m", "deploy.image", "--tag", IMAGE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode == CANNOT:
        pytest.skip(built.stderr.splitlines()[-1])
    assert built.returncode == 0, built.stderr
    return Image(engine=engine, name=IMAGE, said=built.stdout)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in said.items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
