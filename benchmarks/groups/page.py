"""Download size of the app and of the page for adults, compressed with gzip as by the server, and
what a tablet stores. The group `game` weighs the games."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.place import BUILT_PAGE, code

DIST = code() / BUILT_PAGE


def weight_kb(*files: Path) -> float:
    """Total size in kB (1000 bytes), each file compressed with gzip -9."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) / 1000


def adults_kb() -> float:
    """All scripts and styles of /teacher, also what loads later: plots, every language, help."""
    files = (DIST / "teacher-assets").iterdir()
    return weight_kb(*(file for file in files if file.suffix in (".js", ".css")))


def stored_mb() -> float:
    """Total size of the files that the service worker stores, which are not compressed there."""
    files = re.findall(r'"url":"([^"]+)"', (DIST / "sw.js").read_text())
    return sum(int((DIST / file).stat().st_size) for file in files) / 1_000_000


def measure(_: Options) -> list[Figure]:
    page = (DIST / "index.html").read_text()
    first = {DIST / name for name in re.findall(r'(?:src|href)="/([^"]+\.(?:js|css))"', page)}
    return [
        Figure(name="first page, JS + CSS", unit="kB", aim=100, values=(weight_kb(*first),)),
        Figure(name="page for adults, all JS + CSS", unit="kB", aim=120, values=(adults_kb(),)),
        Figure(name="stored for use offline", unit="MB", aim=1.2, values=(stored_mb(),)),
    ]
