"""`neuroplay doctor`: diagnose problems and suggest fixes."""

from __future__ import annotations

from typing import Any

from cli.output.errors import CANNOT, NO, CommandError, describe, exit_with
from cli.output.terminal import Json, arrow, counted, print_json, progress, say
from cli.output.typed import as_typed
from neuroplay.operation import daemon
from neuroplay.operation.doctor import OK, WARNING, WRONG, Finding, examine
from neuroplay.operation.place import find

MARKS = {OK: ("ok", "green"), WARNING: ("warn", "yellow"), WRONG: ("wrong", "red")}


def doctor(as_json: Json = False) -> None:
    """Diagnose problems and suggest fixes.

    Checks the settings, home, secret, servers, clock, schema, disk and app build. Exits with 1 if
    something is wrong; warnings do not count.

    Example:
        neuroplay doctor
        neuroplay doctor --json
    """
    with progress("Checking") as step:
        findings = []
        for finding in examine(describe=describe, check_api=check_api):
            findings.append(finding)
            step(text=f"Checking: {finding.name}")
            if not as_json:
                _show(finding)
    wrong = [finding for finding in findings if finding.state == WRONG]
    warnings = sum(finding.state == WARNING for finding in findings)
    if as_json:
        print_json(
            {
                "status": "wrong" if wrong else "ok",
                "checks": [_as_json(finding) for finding in findings],
            }
        )
    else:
        counts = ((len(wrong), "problem"), (warnings, "warning"))
        summary = ", ".join(counted(count, what) for count, what in counts if count)
        colour = "red" if wrong else "yellow" if warnings else "green"
        say(f"{summary or 'No problems found'}.", style={"fg": colour, "bold": True})
    if wrong:
        exit_with(NO)


def check_api() -> Finding:
    """Of a host that runs other parts only, it says which: its API is elsewhere."""
    from cli.commands.health import WELL, ask, poor_checks

    parts = [process.name for process in daemon.processes(find())]
    if parts and "api" not in parts:
        return Finding(
            name="api", state=OK, what=f"not on this host, which runs {', '.join(parts)}"
        )
    try:
        answer = ask()
    except CommandError as error:
        state = WARNING if error.code == CANNOT else WRONG
        return Finding(name="api", state=state, what=error.message, fix=error.hint)
    if answer["status"] == "healthy":
        return Finding(name="api", state=OK, what="healthy")
    what = f"{answer['status']}: {poor_checks(answer)}"
    if answer["status"] in WELL:
        return Finding(name="api", state=WARNING, what=what, fix="See: neuroplay metrics --watch")
    return Finding(name="api", state=WRONG, what=what, fix="See: neuroplay logs")


def _show(finding: Finding) -> None:
    mark, colour = MARKS[finding.state]
    say(f"{mark:>5}", style={"fg": colour, "bold": True}, end="")
    say(f"  {finding.name:<10}  {finding.what}")
    if finding.fix:
        indent = " " * 7
        say(f"{indent}{'':<10}  {arrow()} {as_typed(finding.fix)}")


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "state": finding.state,
        "what": finding.what,
        "fix": finding.fix or None,
        "mend": finding.fix or None,  # its name until 2.5; keys are never removed
    }
