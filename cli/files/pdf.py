"""Prints a page as PDF with the Chromium of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.output.errors import CommandError, cannot, reason

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

LONGEST_S = 180.0
"""The longest time that printing may take. 200 children take some seconds."""

_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
"""The page needs no network, and the browser is not to use it for its own purposes."""


def find_browser(named: Path | None) -> str:
    """The path of a Chromium: the one named in NEUROPLAY_CHROMIUM, or one in the PATH. Raises
    CommandError with exit code 3."""
    if named is not None:
        found = shutil.which(str(named))
        if found is None:
            raise cannot(
                f"cannot write a PDF: NEUROPLAY_CHROMIUM is {named}, which is no program",
                hint="Correct it, or leave out --pdf and print the page from a browser",
            )
        return found
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise cannot(
        "cannot write a PDF: there is no Chromium or Chrome on this machine",
        hint="Install one (Debian, Ubuntu: apt install chromium), name it in NEUROPLAY_CHROMIUM, "
        "or leave out --pdf and print the page from a browser",
    )


def printed(document: bytes, browser: str, *, longest_s: float = LONGEST_S) -> bytes:
    """The PDF of an HTML document that needs nothing from elsewhere. Raises CommandError with exit
    code 3 if the browser fails or takes longer than `longest_s`."""
    with (
        TemporaryDirectory(prefix="neuroplay-report-", dir=_visible_folder()) as folder,
        # The browser may still write to it while it ends.
        TemporaryDirectory(prefix="neuroplay-", ignore_cleanup_errors=True) as profile,
    ):
        page, pdf = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_bytes(document)
        command = [browser, *_OPTIONS, f"--user-data-dir={profile}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # as root Chromium does not start with it
        _run([*command, f"--print-to-pdf={pdf}", page.as_uri()], longest_s)
        try:
            return pdf.read_bytes()
        except OSError as error:
            raise _failed(browser, "it wrote no file") from error


def _visible_folder() -> str | None:
    """The home folder, since the Chromium of a snap sees no other. None if it cannot be written:
    the usual folder for temporary files."""
    home = os.path.expanduser("~")
    return home if os.access(home, os.W_OK) else None


def _run(command: list[str], longest_s: float) -> None:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise _failed(command[0], reason(error)) from error
    try:
        code = process.wait(longest_s)
    except subprocess.TimeoutExpired:
        raise _failed(command[0], f"it had not finished after {longest_s:g} seconds") from None
    finally:
        _end(process)
    if code:
        raise _failed(command[0], f"it ended with code {code}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with all processes that it started, also after Ctrl-C."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failed(browser: str, why: str) -> CommandError:
    return cannot(
        f"cannot write the PDF with {browser}: {why}",
        hint="The HTML file is written; print it from a browser",
    )
