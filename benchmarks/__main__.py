"""Measure NeuroPlay and print the figures.

python -m benchmarks                            all of them but those that take long
python -m benchmarks serve help                 some of them
python -m benchmarks --runs 5 --json
python -m benchmarks flow --run-time 60s
python -m benchmarks load --profiles spike,monday --run-time 1m
python -m benchmarks sync flow --baseline main  beside another commit, run by run in turns
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from benchmarks.harness import baseline, comparison, figures, machine, place
from benchmarks.harness.baseline import BaselineError, Tree
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.place import NotBuiltError


@dataclass(frozen=True, kw_only=True)
class Group:
    """What `python -m benchmarks NAME` measures."""

    about: str
    runs: int = 5
    when_named: bool = False
    """It takes too long to run unless it is named."""

    of_the_page: bool = False
    """It measures the built PWA."""


GROUPS = {
    "serve": Group(about="ready on a fresh and on an old home, stop, memory when idle"),
    "help": Group(about="neuroplay --help, status, and commands that ask the store"),
    "page": Group(about="weight of the first page and of what is stored", of_the_page=True),
    "visit": Group(about="a first visit at 400 kbit/s and 400 ms", of_the_page=True),
    "pipeline": Group(about="drain, replay, and the queries of support on a large inbox"),
    "postgres": Group(about="pgbench's inserts against the drain of one worker"),
    "sync": Group(about="the sync route against a bare insert, 32 connections without a pause"),
    "mix": Group(about="processor time of a request in the mix of the profile spike", runs=2),
    "offer": Group(about="an offer of 1,000 sessions after a restore, with a large inbox"),
    "standby": Group(
        about="the sync route with and without a standby, in turns", runs=3, when_named=True
    ),
    "database": Group(
        about="processor time of a page, a sync and a drain, directly and through PgBouncer",
        runs=3,
    ),
    "door": Group(
        about="50 tablets beside slow bodies, silent connections, cut uploads; HTTP and TLS",
        runs=1,
        when_named=True,
    ),
    "overload": Group(
        about="a quarter to four times of what the server can answer; writes its picture",
        runs=1,
        when_named=True,
    ),
    "flow": Group(about="games accepted and processed at once over HTTP, for --run-time", runs=3),
    "load": Group(
        about="neuroplay loadtest spike, stress, normal and monday; 20 minutes a run",
        runs=1,
        when_named=True,
    ),
    "soak": Group(
        about="memory of all processes under the soak profile for --run-time (1h)",
        runs=1,
        when_named=True,
    ),
    "cores": Group(
        about="cost of a request by program; predicted for more cores and hosts, tried on 1 and 2",
        runs=3,
        when_named=True,
    ),
    "scaling": Group(
        about="the chart's autoscaling under monday and spike; writes its picture; 10 minutes",
        runs=1,
        when_named=True,
    ),
    "observe": Group(about="cost of metrics, logs and error reports; a scrape; the health check"),
    "offline": Group(
        about="delivery after an outage, and opening without a server", of_the_page=True
    ),
    "lighthouse": Group(about="Lighthouse on the sign-in and home pages", of_the_page=True),
    "years": Group(
        about="a school over --years with retention: sizes, answers, backup; writes its picture",
        runs=1,
        when_named=True,
    ),
    "teacher": Group(
        about="adults' pages: --children (10,000) after a year, alone and beside normal",
        runs=2,
        when_named=True,
    ),
    "growth": Group(
        about="each answer with more --sessions and more --children; writes its picture",
        runs=5,
        when_named=True,
    ),
    "retaining": Group(
        about="a page and a sync with and without a pass of retention, in turns",
        runs=4,
        when_named=True,
    ),
    "restore": Group(
        about="backup, restore and checks of 1,500,000 sessions",
        runs=2,
        when_named=True,
    ),
    "roster": Group(
        about="a roster of 10,000 children, CSV and OneRoster: preview, import, again, undo", runs=3
    ),
    "peers": Group(
        about="beside Kolibri, which it downloads: the same work in turns; 8 minutes",
        runs=3,
        when_named=True,
    ),
    "verify": Group(about="whole rounds of each game replayed from their traces"),
    "game": Group(
        about="weight of each game; frames of those on a canvas at 4 times CPU throttle",
        of_the_page=True,
    ),
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(
            f"  {name:10} {group.about}{' (only when named)' if group.when_named else ''}"
            for name, group in GROUPS.items()
        ),
    )
    made.add_argument("groups", nargs="*", type=_group, metavar="GROUP", help="see below")
    made.add_argument("--runs", type=int, help="counted runs of each (default 5, or the group's)")
    made.add_argument("--json", action="store_true", help="one JSON document")
    made.add_argument(
        "--run-time", type=_seconds, metavar="TIME", help="of flow, load, soak, peers, overload"
    )
    made.add_argument("--users", type=int, help="students of load and soak (default the profile's)")
    made.add_argument("--profiles", default="", metavar="A,B", help="of load (default its four)")
    made.add_argument(
        "--children",
        type=_counts,
        metavar="N[,N]",
        default=(),
        help="of years (default 500), teacher (10000), growth (100,3000,30000)",
    )
    made.add_argument(
        "--sessions",
        type=_counts,
        metavar="N[,N]",
        default=(),
        help="of growth (default 10000,1000000,5000000)",
    )
    made.add_argument("--years", type=int, help="of years (default 5)")
    made.add_argument(
        "--baseline",
        metavar="REV",
        help="also measure this commit, in turns, and print ratios; its code "
        "replaces this tree's in every process",
    )
    return made


def main() -> None:
    chosen = parser().parse_args()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _ended)
    place.pin()
    names = chosen.groups or [name for name, group in GROUPS.items() if not group.when_named]
    try:
        place.check_built()
        if chosen.baseline:
            _compare(names, chosen)
        else:
            _measure(names, chosen)
    except (NotBuiltError, BaselineError) as error:
        sys.exit(f"Error: {error}")


def _measure(names: Sequence[str], chosen: argparse.Namespace) -> None:
    header = machine.described()
    found: list[Figure] = []
    for name in names:
        module = importlib.import_module(f"benchmarks.groups.{name}")
        found.extend(module.measure(_options(name, chosen)))
    figures.show(found, header, as_json=chosen.json)


def _compare(names: Sequence[str], chosen: argparse.Namespace) -> None:
    header, other = machine.described(), {}
    rows: list[comparison.Compared] = []
    with baseline.checked_out(chosen.baseline) as then:
        _check_page(names, then)
        now = baseline.own()
        for name in names:
            turns = []
            runs = _options(name, chosen).runs
            for run in range(runs):
                _note(f"{name}, run {run + 1} of {runs}: now")
                ours = baseline.measure(now, name, words_of(chosen))
                _note(f"{name}, run {run + 1} of {runs}: baseline")
                theirs = baseline.measure(then, name, words_of(chosen))
                other = theirs["machine"]
                turns.append((_figures(ours), _figures(theirs)))
            rows.extend(comparison.compared(turns))
    comparison.show(rows, header, other, as_json=chosen.json)


def _check_page(names: Sequence[str], then: Tree) -> None:
    """A commit's PWA is not built for a comparison."""
    if not then.same_page and (of_it := [name for name in names if GROUPS[name].of_the_page]):
        raise BaselineError(f"its PWA is another one, so that these compare nothing: {of_it}")


def _options(name: str, chosen: argparse.Namespace) -> Options:
    return Options(
        runs=chosen.runs or GROUPS[name].runs,
        run_time_s=chosen.run_time,
        users=chosen.users,
        profiles=tuple(filter(None, chosen.profiles.split(","))),
        children=chosen.children,
        sessions=chosen.sessions,
        years=chosen.years,
    )


def words_of(chosen: argparse.Namespace) -> list[str]:
    """The options that are passed to a run in its own process."""
    words = []
    for name, value in (
        ("--run-time", chosen.run_time),
        ("--users", chosen.users),
        ("--profiles", chosen.profiles),
        ("--children", _listed(chosen.children)),
        ("--sessions", _listed(chosen.sessions)),
        ("--years", chosen.years),
    ):
        if value:
            words += [name, f"{value:g}" if isinstance(value, float) else str(value)]
    return words


def _figures(document: dict[str, Any]) -> list[Figure]:
    return [figures.from_row(row) for row in document["figures"]]


def _group(text: str) -> str:
    if text not in GROUPS:
        raise argparse.ArgumentTypeError(f"{text} is not one of {', '.join(GROUPS)}")
    return text


def _seconds(text: str) -> float:
    from loadprofiles.profiles import seconds_of

    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(int(one) for one in text.split(",") if one.isdecimal())
    if min(counts, default=0) < 1 or _listed(counts) != text:
        raise argparse.ArgumentTypeError(f"{text} is not one or more numbers above 0, as 100,3000")
    return counts


def _listed(counts: Sequence[int]) -> str:
    return ",".join(str(one) for one in counts)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _ended(number: int, _: object) -> NoReturn:
    """Exit, so that whatever was started is stopped. Further signals are ignored meanwhile: on
    Ctrl-C a run in its own process gets one from the terminal and one from here."""
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
