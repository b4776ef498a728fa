"""`neuroplay config`: settings and their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output.terminal import Json, flex, note, plain, print_json, say, table
from cli.parsing.lazy import App

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.setting import Setting

app = App(help="Show settings and their sources.")


@app.callback()
def config() -> None:
    """Show settings and their sources."""


@app.command()
def show(as_json: Json = False) -> None:
    """Show all settings, their sources, and where the running system differs.

    Passwords and secrets are never shown. Commands take settings that are missing in this shell
    from the running system with the same home.

    Example:
        neuroplay config show
        neuroplay config show --json
    """
    from neuroplay.config import load_settings
    from neuroplay.operation.running import environment_of_running, sources

    settings = load_settings()
    reported = environment_of_running(settings.home)
    came, lent = _reported_sources(settings)
    if reported is not None:
        reported |= lent
    rows = [_row(settings, field, source, reported) for field, source in sources(settings).items()]
    for row in rows:
        row["running_source"] = came.get(row["name"]) if reported is not None else None
    if as_json:
        print_json({"home": str(settings.home), "running": reported is not None, "settings": rows})
        return
    table(
        ["NAME", flex("VALUE"), "FROM"],
        [(row["name"], row["value"], row["source"]) for row in rows],
    )
    _show_differences(settings, rows, runs=reported is not None)


def _row(
    settings: Settings, field: str, source: str, reported: dict[str, str] | None
) -> dict[str, Any]:
    name = settings.variable(field)
    here = _text(settings.table()[field], getattr(settings, field))
    there = None if reported is None else reported.get(name, "")
    return {
        "name": name,
        "value": _shown(field, here),
        "source": source,
        "running": None if there is None else _shown(field, there),
        "differs": there is not None and there != here,
    }


def _text(one: Setting, value: Any) -> str:
    """A value as in its environment variable."""
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else one.write(value)


def _shown(field: str, value: str) -> str | None:
    from neuroplay.operation.running import HIDDEN, without_password

    if not value:
        return None
    if field in ("secret", "old_secret", "ops_token", "sentry_dsn"):
        return HIDDEN
    return without_password(value) if field.endswith("_url") else value


def _reported_sources(settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """(sources of the running system's settings, original paths of the files of which it reads a
    copy), both by variable and as reported by `serve`."""
    from neuroplay.operation.place import Place

    reported = Place(home=settings.home, runtime=settings.runtime_dir).published()
    came, lent = (
        {settings.variable(field): text for field, text in found.items()}
        for found in (reported.get("sources", {}), reported.get("lent", {}))
    )
    return came, lent


def _show_differences(settings: Settings, rows: list[dict[str, Any]], *, runs: bool) -> None:
    if not runs:
        note(f"No running NeuroPlay is visible to this user (home: {settings.home}).")
        return
    differing = [row for row in rows if row["differs"]]
    if not differing:
        note("The running system has the same settings.")
        return
    say()
    say("The running system differs:")
    table(
        ["NAME", flex("RUNNING"), "FROM"],
        [(row["name"], plain(row["running"]), row["running_source"]) for row in differing],
    )
