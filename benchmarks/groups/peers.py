"""NeuroPlay and Kolibri, an offline-first learning platform for schools, given the same work.

They have the machine in turns: in a run each side gets a new home, and every second run turns their
order. 16 learners ask without pauses, each on a connection of its own, from one process whose share
of a processor is printed. Only the expected status counts as an answer, and what a side has
confirmed it must have stored.

Ralph, a learning record store, is not among them. Of its stores only a file needs no other server,
and it accepts one request in its life: each later one is refused, since the file exists.

All ratios say how many times better NeuroPlay is: above 1 it is ahead.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import psutil

from benchmarks.harness import closed_loop
from benchmarks.harness.closed_loop import Answers
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.peers import kolibri, own, weight
from benchmarks.peers.side import LEARNERS, TOGETHER, Kind, Opened, Side

OPENED: Mapping[str, Callable[[], Opened]] = {
    "NeuroPlay": own.opened,
    "Kolibri": kolibri.opened,
}
WEIGHTS: Mapping[str, Callable[[], float]] = {
    "NeuroPlay": weight.of_neuroplay,
    "Kolibri": lambda: weight.of_lock("kolibri"),
}
RUN_S = 5.0
WARM_UP_S = 1.0

FRESH, OLD, STOP = "ready, new home", "ready, old home", "stop"
MEMORY, DOWNLOAD = "memory of all processes when idle", "download"
COUNTED = f"{Kind.ONE}, until all are counted"
CLIENT = "the client's share of one processor"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A comparison: NeuroPlay's figure, a peer's, and how many times better ours should be."""

    name: str
    ours: str
    theirs: str
    unit: str
    aim: float
    more_is_better: bool = True

    def ratio(self, ours: float, theirs: float) -> float:
        return ours / theirs if self.more_is_better else theirs / ours


def p99(kind: Kind) -> str:
    return f"{kind}, p99"


def _same(name: str, unit: str, aim: float, *, more_is_better: bool = True) -> Row:
    return Row(name=name, ours=name, theirs=name, unit=unit, aim=aim, more_is_better=more_is_better)


RATE = "activities/s"
ROWS = (
    _same(Kind.SIGN_IN, "sign-ins/s", 70),
    _same(Kind.OPEN_SIGN_IN, "sign-ins/s", 1),
    _same(Kind.ONE, RATE, 14),
    _same(p99(Kind.ONE), "ms", 50, more_is_better=False),
    Row(name=COUNTED, ours=COUNTED, theirs=Kind.ONE, unit=RATE, aim=1),
    _same(Kind.STARTED, RATE, 1),
    Row(
        name=f"activities as their tablets send them ({TOGETHER} a request; one)",
        ours=Kind.TOGETHER,
        theirs=Kind.ONE,
        unit=RATE,
        aim=50,
    ),
    _same(Kind.TOGETHER, RATE, 1),
    _same(Kind.PAGE, "pages/s", 1),
    _same(FRESH, "s", 1, more_is_better=False),
    _same(OLD, "s", 1, more_is_better=False),
    _same(STOP, "s", 1, more_is_better=False),
    _same(MEMORY, "MB", 1, more_is_better=False),
    _same(DOWNLOAD, "MB", 1, more_is_better=False),
)

Measured = dict[str, float]
"""Figures of one side in one run, by name."""


def measure(options: Options) -> list[Figure]:
    seconds = options.run_time_s or RUN_S
    weights = {name: {DOWNLOAD: weigh()} for name, weigh in WEIGHTS.items()}
    runs: list[dict[str, Measured]] = []
    for run in range(options.runs):
        order = list(OPENED)
        found: dict[str, Measured] = {}
        for name in order if run % 2 == 0 else reversed(order):
            _note(f"peers, run {run + 1} of {options.runs}: {name}")
            with OPENED[name]() as side:
                found[name] = {**weights[name], **_measured(side, seconds)}
        runs.append(found)
    return figures_of(runs)


def figures_of(runs: Sequence[Mapping[str, Measured]]) -> list[Figure]:
    """For each peer and row: NeuroPlay's, the peer's, and the ratio of each run."""
    return [
        figure
        for peer in runs[0]
        if peer != own.Own.name
        for row in ROWS
        for figure in _compared(row, peer, runs)
    ] + [
        Figure(name=f"{name}: {CLIENT}", unit="", values=tuple(run[name][CLIENT] for run in runs))
        for name in runs[0]
    ]


def _compared(row: Row, peer: str, runs: Sequence[Mapping[str, Measured]]) -> Iterator[Figure]:
    ours = [run[own.Own.name][row.ours] for run in runs]
    theirs = [run[peer][row.theirs] for run in runs]
    for name, values in ((own.Own.name, ours), (peer, theirs)):
        yield Figure(
            name=f"{name}: {row.name}",
            unit=row.unit,
            more_is_better=row.more_is_better,
            values=tuple(values),
        )
    yield Figure(
        name=f"times better than {peer}: {row.name}",
        unit="",
        aim=row.aim,
        more_is_better=True,
        values=tuple(row.ratio(*both) for both in zip(ours, theirs, strict=True)),
    )


def _measured(side: Side, seconds: float) -> Measured:
    """One run of a side whose home is new."""
    found = {FRESH: side.start()}
    side.prepare()
    found[MEMORY] = sum(psutil.Process(pid).memory_full_info().pss for pid in side.pids()) / 1e6
    shares = []
    for kind in Kind:
        done = _asked(side, kind, seconds)
        found |= done.figures
        shares.append(done.answers.client_share)
    found[CLIENT] = statistics.mean(shares)
    found[STOP] = side.stop()
    found[OLD] = side.start()
    side.stop()
    return found


@dataclass(frozen=True, kw_only=True)
class _Done:
    answers: Answers
    figures: Measured = field(default_factory=dict)


def _asked(side: Side, kind: Kind, seconds: float) -> _Done:
    """Ask it for WARM_UP_S, then for `seconds`. Raises RuntimeError if something that was confirmed
    is not stored."""
    _load(side, kind, WARM_UP_S)
    stores = kind in (Kind.ONE, Kind.STARTED, Kind.TOGETHER)
    before = side.stored() if stores else 0
    begun = perf_counter()
    answers, each = _load(side, kind, seconds)
    if not answers.times_ms:
        raise RuntimeError(f"{side.name}, {kind}: nothing was answered as it should be")
    if answers.unexpected:
        _note(f"{side.name}, {kind}: {answers.unexpected} answers with another status")
    confirmed = len(answers.times_ms) * each
    figures = {kind: confirmed / answers.seconds, p99(kind): answers.percentile_ms(0.99)}
    if stores:
        stored = side.stored() - before
        if stored < math.floor(confirmed) - LEARNERS * each:
            raise RuntimeError(f"{side.name}, {kind}: {confirmed:g} confirmed, {stored} stored")
        if side.name == own.Own.name and kind is Kind.ONE:
            figures[COUNTED] = stored / (perf_counter() - begun)
    return _Done(answers=answers, figures=figures)


def _load(side: Side, kind: Kind, seconds: float) -> tuple[Answers, float]:
    """The answers, and what each counts."""
    work = side.work(kind, seconds)
    answers = closed_loop.run(
        side.port, work.make, *work.arguments, status=work.status, seconds=seconds
    )
    return answers, work.each


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
