"""Print NeuroPlay's figures.

python -m benchmarks                 all of them
python -m benchmarks serve help      some of them
python -m benchmarks --runs 5 --json
"""

from __future__ import annotations

import argparse
import importlib

from benchmarks.figures import Figure, show

GROUPS = {
    "serve": "ready on a fresh and on an old home, stop, memory when idle",
    "help": "neuroplay --help, neuroplay status",
    "page": "weight of the first page and of the game",
    "pipeline": "drain, replay, and what support asks of a big inbox",
    "sync": "the sync route against a bare insert, 32 connections without a pause",
    "flow": "games accepted and processed at once, over HTTP",
    "observe": "what metrics, logs and reports cost; a scrape; the health check",
    "offline": "delivery after an outage, and opening without a server",
    "lighthouse": "Lighthouse on the sign-in and home pages",
    "verify": "rounds played again from their traces",
    "game": "frames a second of the game at 4 times CPU throttle",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:10} {what}" for name, what in GROUPS.items()),
    )
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help="which; default all")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    for group in chosen.groups or GROUPS:
        module = importlib.import_module(f"benchmarks.{group}")
        figures.extend(module.measure(chosen.runs))
    show(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
