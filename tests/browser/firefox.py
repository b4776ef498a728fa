"""Find a Firefox for the browser tests, or install one.

Order: $FIREFOX, the machine's own, apt (as root). Run as a script it installs what is missing and
prints the path; imported it only looks. Playwright drives it over WebDriver BiDi: a Firefox as
people have it, not Playwright's own changed one.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("firefox-esr", "firefox")

CHANNEL = "moz-firefox"

PREFERENCES: dict[str, str | float | bool] = {
    "app.normandy.enabled": False,
    "browser.region.update.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.sessionstore.resume_from_crash": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.localDomains": "school.lan",
    "services.settings.server": "data:,",
    "toolkit.startup.max_resumed_crashes": -1,
}
"""They keep it off the network, and from asking about a crash; `school.lan` is this machine."""


def understand_each_other() -> None:
    """Have Playwright, which is newer than the ESR, take its no for an answer: see the script."""
    script = Path(__file__).with_name("firefox_esr.cjs")
    options = [os.environ.get("NODE_OPTIONS", ""), f"--require {shlex.quote(str(script))}"]
    os.environ["NODE_OPTIONS"] = " ".join(filter(None, options))


def find() -> str | None:
    """Path of a Firefox on this machine, or None."""
    named = os.environ.get("FIREFOX")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> str:
    """Install Debian's Firefox ESR and return its path; FileNotFoundError where that failed."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "firefox-esr"],
        ):
            if subprocess.run(command, env=quiet, stdout=sys.stderr).returncode:
                break
    if path := find():
        return path
    raise FileNotFoundError("no firefox-esr, and apt could not install it")


if __name__ == "__main__":
    try:
        print(find() or install())
    except FileNotFoundError as error:
        print(
            f"No Firefox could be found or installed: {error}. Its tests are skipped; "
            "to run them: sudo apt-get install firefox-esr",
            file=sys.stderr,
        )
