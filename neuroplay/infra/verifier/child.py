"""The process that runs the games' rules for `quickjs_ng`: a line in, a line out.

Run as a script, by its path, with as little of Python as there is: it starts in some 20 ms and
takes 12 MB. It imports the extension alone; the package around it starts a thread.

A line in is JSON: [game_type, game_version, seed, difficulty, trace]. A line out is what the rules
answered, or {"error": a code of CannotPlayAgain}. Every round has an engine of its own, so that
none finds what another one left. The rules have no way to files or network: the engine knows none.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

TYPE_CHECKING = False  # typing itself would take a third of the start
if TYPE_CHECKING:
    from typing import Any

ENGINE_BYTES = 64 * 2**20
PROCESS_BYTES = 256 * 2**20
"""Address space: the engine's memory, and Python's own."""

STACK_BYTES = 512 * 2**10
NICENESS = 10
"""Requests and drains on this machine go first."""

PLAY = """
(line) => {
  const [game, version, seed, difficulty, trace] = JSON.parse(line);
  const known = neuroplayRules.games;
  const rules = Object.hasOwn(known, game) ? known[game] : { version: null };
  if (rules.version !== version) return '{"error":"unknown_rules"}';
  return JSON.stringify(rules.replay(seed, difficulty, trace));
}
"""


def main(extension: str, rules_file: str, cpu_s: float) -> None:
    sys.path.append(extension)
    import _quickjs as quickjs

    with open(rules_file, encoding="utf-8") as file:
        rules = file.read()
    _limit_process()
    # A terminal's Ctrl-C is for the parent; this process ends with its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        _limit_cpu(cpu_s)
        sys.stdout.write(_play(quickjs, rules, line, cpu_s) + "\n")
        sys.stdout.flush()


def _play(quickjs: Any, rules: str, line: str, cpu_s: float) -> str:
    engine = quickjs.Context()
    engine.set_memory_limit(ENGINE_BYTES)
    engine.set_max_stack_size(STACK_BYTES)
    engine.set_time_limit(cpu_s)
    try:
        engine.eval(rules)
        answer = engine.eval(PLAY)(line)
    except quickjs.JSException as error:
        return f'{{"error":"{_code(str(error))}"}}'
    return answer if isinstance(answer, str) else '{"error":"rules_failed"}'


def _code(told: str) -> str:
    if told.startswith("InternalError: interrupted"):
        return "overrun"
    # With no memory left, the engine may not even find the words.
    if told == "null" or told.startswith("InternalError: out of memory"):
        return "out_of_memory"
    return "rules_failed"


def _limit_process() -> None:
    os.nice(NICENESS)
    for which, limit in (
        (resource.RLIMIT_AS, PROCESS_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        limit = _allowed(which, limit)
        resource.setrlimit(which, (limit, limit))


def _limit_cpu(cpu_s: float) -> None:
    """The engine looks at the clock between steps of the rules; this holds inside a step too."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + 2 * cpu_s) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (_allowed(resource.RLIMIT_CPU, soft), hard))


def _allowed(which: int, limit: int) -> int:
    """The limit, or a lower one that the machine has set."""
    hard = resource.getrlimit(which)[1]
    return limit if hard == resource.RLIM_INFINITY else min(limit, hard)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
