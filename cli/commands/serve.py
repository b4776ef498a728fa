"""`neuroplay serve`: starts and supervises NeuroPlay on this machine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.operator import operator
from cli.output.errors import report, usage_error
from cli.output.terminal import Json, is_terminal, note

if TYPE_CHECKING:
    from neuroplay.operation.serving.boot import Plan


class Piece(StrEnum):
    api = "api"
    worker = "worker"
    beat = "beat"


def serve(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Run in the background; return when ready.")
    ] = False,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on [127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on [5000].")
    ] = None,
    api_workers: Annotated[
        int | None,
        typer.Option("--api-workers", min=1, max=64, help="Number of API processes [1]."),
    ] = None,
    task_workers: Annotated[
        int | None,
        typer.Option("--task-workers", min=1, max=64, help="Number of worker processes [1]."),
    ] = None,
    only: Annotated[
        Piece | None,
        typer.Option("--only", help="Run only this part; the others run on other machines."),
    ] = None,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Do not create a demo class in a new database.")
    ] = False,
    tls_cert: Annotated[
        Path | None,
        typer.Option("--tls-cert", metavar="FILE", help="PEM certificate chain, for HTTPS."),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option("--tls-key", metavar="FILE", help="PEM private key for --tls-cert."),
    ] = None,
    embedded: Annotated[
        bool,
        typer.Option("--embedded", help="Switch from an external database to the embedded one."),
    ] = False,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Listen on a public address without HTTPS."),
    ] = False,
    new_secret: Annotated[
        bool,
        typer.Option(
            "--new-secret", help="Accept a new secret after the old one was lost; voids all cards."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Start NeuroPlay on this machine.

    Starts the API, the workers and, unless DATABASE_URL and REDIS_URL are set, private PostgreSQL
    and Redis servers. Runs until Ctrl-C or `neuroplay stop`, and restarts processes that die. Data
    and logs are in NEUROPLAY_HOME.

    Exits with 3 if it cannot start, and says why.

    Example:
        neuroplay serve
        neuroplay serve --detach --port 8080
        neuroplay serve --host 0.0.0.0 --tls-cert school.pem --tls-key school.key
        DATABASE_URL=postgresql://... REDIS_URL=redis://... neuroplay serve --only worker
    """
    from neuroplay.config import load_settings
    from neuroplay.operation import programs
    from neuroplay.operation.running import check_same_database, sources
    from neuroplay.operation.serving import checks, launch
    from neuroplay.operation.serving.boot import Boot, Plan

    options = {
        "host": host,
        "port": port,
        "api_workers": api_workers,
        "task_workers": task_workers,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
    }
    settings = load_settings(**options)
    came = sources(settings, (name for name, value in options.items() if value is not None))
    if embedded and not settings.embedded_database:
        raise usage_error("--embedded cannot be combined with DATABASE_URL")
    if not embedded:
        check_same_database(settings)
    pieces = tuple(Piece) if only is None else (only,)
    listens = Piece.api in pieces
    warnings = []
    checks.check_pieces(settings, only)
    checks.check_secret(settings)
    if listens:
        checks.check_certificate(settings)
        warnings.append(checks.key_mode_warning(settings))
        warnings.append(". ".join(checks.certificate_problem(settings) or ()))
        warnings.append(checks.check_https(settings, insecure=insecure))
    checks.check_limits()
    os.umask(0o077)
    account = launch.service_account(settings.home)
    held = launch.claim(settings, account)
    if settings.wal_dir is not None:
        from neuroplay.operation import standby

        warnings.append(standby.check_folder(settings, account))
    if listens:
        address = checks.check_port(settings.host, settings.port)
        settings = replace(settings, host=address)
    metrics = {Piece.worker: settings.worker_metrics_port, Piece.beat: settings.beat_metrics_port}
    for piece, taken in metrics.items():
        if taken is not None and piece in pieces:
            checks.check_port(settings.host, taken)
    for warning in filter(None, warnings):
        note(warning)
    asked, settings = settings, launch.become(settings, account)
    plan = Plan(
        settings=settings,
        pieces=[str(piece) for piece in pieces],
        demo=not no_demo,
        sources=came,
        originals=launch.original_paths(asked, settings),
        new_secret=new_secret,
        who=operator(),
        shows_link=as_json or is_terminal(),
    )
    boot = Boot(plan, say=lambda _: None)
    launch.launch(
        settings,
        boot.programs(),
        forked=programs.forked(settings, plan.pieces),
        lock_descriptor=held,
        detach=detach,
        bring_up=_bring_up(plan, detach=detach, as_json=as_json),
    )


def _bring_up(plan: Plan, *, detach: bool, as_json: bool) -> Callable[[int, int], None]:
    def run(supervisor: int, ready: int) -> None:
        # Imported while the supervisor starts.
        from cli.serving.steps import steps
        from neuroplay.operation.serving.boot import Boot

        shown = ExitStack()

        def end() -> None:
            shown.close()
            if detach:
                _end(supervisor, ready)

        code = 0
        try:
            with shown:
                boot = Boot(plan, say=shown.enter_context(steps()))
                _end_on_lost_interrupts(end)
                demo = boot.run()
                os.close(ready)
            for warning in boot.warnings:
                note(warning)
            from cli.serving.ready import announce  # now: nobody waits for it

            announce(
                plan,
                demo,
                boot.invitation,
                supervisor=supervisor,
                detach=detach,
                as_json=as_json,
            )
            if boot.cards_are_void:
                note(
                    "All cards and sign-ins are void. Print all cards again: neuroplay class cards"
                )
        except BaseException as error:
            if detach:
                _end(supervisor, ready)
                raise
            debug = "--debug" in sys.argv
            code = error.exit_code if isinstance(error, typer.Exit) else report(error, debug=debug)
        if not detach:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    return run


def _end_on_lost_interrupts(end: Callable[[], None]) -> None:
    """Let Ctrl-C also end this process during a callback of the interpreter, such as one runs at
    each import. Otherwise Python would print the KeyboardInterrupt and ignore it."""
    usual = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs) -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt):
            end()
            os._exit(report(lost.exc_value))
        usual(lost)

    sys.unraisablehook = hook


def _end(supervisor: int, ready: int) -> None:
    """Stop the supervisor and wait for it, unless readiness was already reported."""
    try:
        os.close(ready)
    except OSError:
        return  # already reported
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(supervisor, signal.SIGTERM)
        os.waitpid(supervisor, 0)
