"""Lighthouse scores of the sign-in and home pages, with the profile of a slow phone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System
from tests.acceptance.installation import free_port
from tests.browser import chromium

VERSION = "13.5.0"
PWA = Path(__file__).parents[2] / "pwa"
CATEGORIES = {"performance": 0.95, "accessibility": 1.0}


def measure(options: Options) -> list[Figure]:
    scores: dict[str, list[float]] = {}
    with (
        System.temporary() as system,
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as folder,
    ):
        system.start()
        made = system.command("class", "create", "lighthouse", "--students", "1")
        url = f"http://127.0.0.1:{system.port}/"
        card = f"{url}#card={made['class']['code']}-{made['students'][0]['card_code']}"
        port = free_port()
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium.find() or chromium.playwrights_own(),
            args=[*chromium.FLAGS, f"--remote-debugging-port={port}"],
        )
        page = context.new_page()
        for name in ("sign-in", "home"):
            if name == "home":
                page.goto(card)
                page.get_by_test_id("level").wait_for()
                page.goto("about:blank")
            for _ in range(options.runs):
                for category, score in _audit(url, port, Path(folder)).items():
                    scores.setdefault(f"Lighthouse {category}, {name}", []).append(score)
        context.close()
    return [
        Figure(
            name=name,
            unit="",
            aim=CATEGORIES[name.split()[1].rstrip(",")],
            more_is_better=True,
            values=tuple(values),
        )
        for name, values in scores.items()
    ]


def _audit(url: str, port: int, folder: Path) -> dict[str, float]:
    """Scores by category, 0 to 1. The browser profile keeps the sign-in."""
    report = folder / "lighthouse.json"
    # npm.py selects Node; its `exec` downloads Lighthouse if it is not cached.
    subprocess.run(
        [
            sys.executable,
            str(PWA / "npm.py"),
            "exec",
            "--yes",
            f"--package=lighthouse@{VERSION}",
            "--",
            "lighthouse",
            url,
            f"--port={port}",
            "--disable-storage-reset",
            f"--only-categories={','.join(CATEGORIES)}",
            "--output=json",
            f"--output-path={report}",
            "--quiet",
        ],
        check=True,
        env={**os.environ, "CI": "1"},
        stdout=subprocess.DEVNULL,
    )
    document = json.loads(report.read_text())
    if os.environ.get("NEUROPLAY_LIGHTHOUSE_WHY"):
        print(json.dumps(_short(document), indent=1), file=sys.stderr)
    return {name: document["categories"][name]["score"] for name in CATEGORIES}


def _short(document: dict) -> dict:  # type: ignore[type-arg]
    """The audits that lowered a score."""
    return {
        name: (audit["score"], audit.get("displayValue", ""))
        for name, audit in document["audits"].items()
        if audit["score"] is not None and audit["score"] < 1
    }
