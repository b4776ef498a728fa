"""A complete run: checks, load class, Locust, result."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.loading import generator, live, load_class, target
from cli.loading.chaos import Chaos
from cli.loading.order import MASTER_PORT, WORKERS_MAY_TAKE_S, Order
from cli.output.errors import CommandError, cannot, reason, usage_error
from cli.output.terminal import counted, note
from cli.server.reach import local_url, ops_token
from cli.server.trust import for_a_generator, is_local, trust
from loadprofiles.play.roster import Card, read_roster
from neuroplay.whole_files import read_whole

if TYPE_CHECKING:
    from neuroplay.config import Settings

ROSTER = "roster.json"
WRITTEN = ("result.json", "report.html", "timeline.csv", "endpoints.csv")


def judged(order: Order, settings: Settings, out: Path) -> dict[str, Any]:
    """Run a load test; returns the result document. Its files are in `out`.

    Raises CommandError with exit code 3 if it cannot run. A load class that was created is erased
    in any case.
    """
    own = local_url(settings)
    host = (order.host or own).rstrip("/")
    local = order.host is None or is_local(host, own)
    believed = trust(settings, local=local, cacert=order.cacert)
    if order.roster is None:
        _refuse_to_forget(out / ROSTER)
    _make_room(out)
    target.check_that_it_answers(host, is_local=local, believed=believed)
    chaos = Chaos(order.chaos) if order.chaos else None
    with ExitStack() as stack:
        file = (order.roster or out / ROSTER).resolve()
        if order.roster is None:
            stack.enter_context(load_class.for_a_run(order.students, file))
        target.check_that_it_knows(
            host,
            _cards(file, order.students)[0],
            made_here=order.roster is None,
            believed=believed,
        )
        token = ops_token(settings, local=local)
        known = for_a_generator(settings, local=local, cacert=order.cacert, beside=out)
        if local and settings.embedded_database:
            known = [*known, "--data", str(settings.home)]
        result = _played(order, host, file, out, chaos, known, ops_token=token)
    if chaos is not None and (fault := chaos.finish()):
        _is_void(result, fault, out)
    return result


def play_for_a_master(order: Order, out: Path) -> None:
    """Play students until the master ends the run."""
    _make_room(out)
    words = order.for_a_worker()
    note(f"Playing for {words[2]}:{words[4]} until its run ends.")
    generator.run(words, out, lambda _: None)
    note("The master has ended the run.")


@contextmanager
def ends_in_order() -> Iterator[None]:
    """Handle SIGTERM and SIGHUP as Ctrl-C, so that the load class is erased when a service manager
    or a closed terminal ends the command."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, interrupt) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _played(
    order: Order,
    host: str,
    cards: Path,
    out: Path,
    chaos: Chaos | None,
    known: Sequence[str],
    *,
    ops_token: str,
) -> dict[str, Any]:
    words = [*order.for_locust(host, cards, free_port=generator.free_port()), *known]
    if order.master:
        note(
            f"Waiting for {counted(order.expect_workers or 1, 'worker')} on port "
            f"{order.master_port or MASTER_PORT}, {WORKERS_MAY_TAKE_S} s at most."
        )
    with live.shown(f"loadtest {order.profile.name}") as hear:

        def listen(row: dict[str, Any]) -> None:
            hear(row)
            if chaos is not None:
                chaos.hear(row)

        result = generator.run(words, out, listen, ops_token=ops_token)
    if result is None:
        raise cannot("the load generator ended without a result")
    return result


def _refuse_to_forget(left: Path) -> None:
    """Refuse to overwrite the roster of a killed run, which is needed to erase its load class."""
    if left.exists():
        raise CommandError(
            f"{left} belongs to a load class that was not erased",
            hint=f"Run: neuroplay loadtest roster {left} --erase",
        )


def _make_room(out: Path) -> None:
    """Create the folder and remove the files of an earlier run. Raises CommandError, so that a run
    does not start if it cannot write its result."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in WRITTEN:
            (out / name).unlink(missing_ok=True)
        (out / generator.LOG).write_text("")
    except OSError as error:
        raise cannot(
            f"cannot write to {out}: {reason(error)}", hint="Choose a folder with --out"
        ) from error


def _cards(file: Path, students: int) -> list[Card]:
    try:
        cards = read_roster(read_whole(file))
    except OSError as error:
        raise cannot(f"cannot read {file}: {reason(error)}") from error
    except ValueError as error:
        raise CommandError(f"{file}: {error}") from None
    if len(cards) < students:
        raise usage_error(
            f"{file} has {counted(len(cards), 'student')}, but {students} are needed",
            hint=f"Use --users {len(cards)}, or create a larger roster",
        )
    return cards


def _is_void(result: dict[str, Any], why: str, out: Path) -> None:
    """Change a pass to void, since the fault of --chaos did not happen."""
    if result["verdict"] == "pass":
        result["verdict"] = "void"
    result["reasons"] = [why, *result["reasons"]]
    from loadprofiles.report.files import write

    write(out, result)
