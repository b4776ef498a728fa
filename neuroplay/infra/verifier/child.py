"""The child process that runs the games' rules for `quickjs_ng`.

For each line of input it writes one line of output, both JSON:

    input   [game_type, game_version, seed, difficulty, trace]
    output  the result of the rules, or {"error": a code of CannotPlayAgain}

Each round has a new engine, so that rounds cannot affect each other. The engine gives the rules no
access to files or the network.

It runs as a script with a minimal Python (-I -S), which starts in some 20 ms and needs 12 MB. It
imports the `_quickjs` extension directly, since its package starts a thread.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

TYPE_CHECKING = False  # importing typing would take a third of the start-up time
if TYPE_CHECKING:
    from typing import Any

ENGINE_BYTES = 64 * 2**20
PROCESS_BYTES = 256 * 2**20
"""Address space, for Python and the engine."""

STACK_BYTES = 512 * 2**10
NICENESS = 10
"""Lets requests and drains on this machine go first."""

PLAY = """
(line) => {
  const [game, version, seed, difficulty, trace] = JSON.parse(line);
  const key = `${game}@${version}`;
  if (!Object.hasOwn(neuroplayRules.games, key)) return '{"error":"unknown_rules"}';
  return JSON.stringify(neuroplayRules.games[key].replay(seed, difficulty, trace));
}
"""


def main(extension: str, rules_file: str, cpu_s: float) -> None:
    sys.path.append(extension)
    import _quickjs as quickjs

    with open(rules_file, encoding="utf-8") as file:
        rules = file.read()
    _limit_process()
    # Ctrl-C in a terminal is meant for the parent; this process ends with its input.
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


def _code(message: str) -> str:
    if message.startswith("InternalError: interrupted"):
        return "overrun"
    # Without memory, the engine may not even be able to create the message.
    if message == "null" or message.startswith("InternalError: out of memory"):
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
    """The engine checks its time limit between instructions; this limit also ends a long one."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + 2 * cpu_s) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (_allowed(resource.RLIMIT_CPU, soft), hard))


def _allowed(which: int, limit: int) -> int:
    """`limit`, or the machine's hard limit if that is lower."""
    hard = resource.getrlimit(which)[1]
    return limit if hard == resource.RLIM_INFINITY else min(limit, hard)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
