"""The fork server: a process that imports what several programs need, and forks them.

    python -m neuroplay.infra.supervision.fork_server

A program that is forked from it starts without imports, and shares their memory with the others as
long as nobody writes to it. The first order is a JSON list of pairs: names of programs, and the
modules that they need. After each of these stages it says which programs it can start now.

It has one thread and no state, and ends when the supervisor's end, which is in `forks`, is closed.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import runpy
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.watch import DESCRIPTOR

MESSAGE_BYTES = 1 << 16

FILES = 2
"""The most files that a program gets: its output, and its heartbeat pipe."""

REPARENTED_POLL_S = 0.0005


def main(stages: Sequence[tuple[Sequence[str], Sequence[str]]], orders: socket.socket) -> None:
    """Import the modules of each stage and start what is asked for, until `orders` is closed."""
    gc.disable()  # imports make hardly any garbage
    for names, modules in stages:
        for module in modules:
            importlib.import_module(module)
        gc.freeze()  # the programs' collectors skip these objects, so their pages remain shared
        orders.send(json.dumps({"loaded": names}).encode())
        _serve(orders)
    while _serve(orders):
        pass


def _serve(orders: socket.socket) -> bool:
    """Start programs until the next stage is asked for; False if there is nobody to ask."""
    while True:
        message, files, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, FILES)
        if not message:
            os._exit(0)
        order = json.loads(message)
        if "argv" not in order:
            return True
        _start(order, files, orders)
        for file in files:
            os.close(file)


def _start(order: Mapping[str, Any], files: Sequence[int], orders: socket.socket) -> None:
    """Fork a program, whose parent is the supervisor: a process between them ends at once."""
    try:
        between = os.fork()
    except OSError as error:  # no more processes
        orders.send(json.dumps({"error": error.strerror}).encode())
        return
    if between:
        os.waitpid(between, 0)
        return
    pid: int | None = None
    try:
        between = os.getpid()
        pid = os.fork()
        if pid:
            os.setpgid(pid, pid)
            orders.send(json.dumps({"pid": pid}).encode())
    except OSError as error:
        orders.send(json.dumps({"error": error.strerror}).encode())
    finally:
        if pid != 0:
            os._exit(0)
    _become(order, files, orders, between)


def _become(
    order: Mapping[str, Any], files: Sequence[int], orders: socket.socket, between: int
) -> NoReturn:
    """Run a program in this process as `python -m` does, and end without taking down Python."""
    code: object = 1
    try:
        orders.close()  # frees DESCRIPTOR
        for file, places in zip(files, ((1, 2), (DESCRIPTOR,)), strict=False):
            for place in places:
                os.dup2(file, place)
            os.close(file)
        os.environ.update(order["environment"])
        while os.getppid() == between:
            time.sleep(REPARENTED_POLL_S)
        program, _ = child.prepare(order["argv"])
        retitle(program, os.environ[child.MARK])
        gc.enable()
        sys.argv = program[program.index("-m") + 1 :]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - it ends as an exception ends any program
        traceback.print_exc()
    finally:
        os._exit(_ended(code))


def _ended(code: object) -> int:
    """Do what programs do at their end, except to free each object, which takes longer than all
    that they did to stop; returns the exit code."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as in any program
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return code if isinstance(code, int) else int(code is not None)


def retitle(argv: Sequence[str], mark: str) -> None:
    """Have the system show this process with the command line `argv`, and the mark `mark` among
    its environment. Both are written over what it was started with, as far as there is room."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    arguments, arguments_end, environment, environment_end = map(int, fields[45:49])
    room = arguments_end - arguments
    title = b"\0".join(map(os.fsencode, argv))[: room - 1]
    ctypes.memmove(arguments, title.ljust(room, b"\0"), room)
    shown = ctypes.string_at(environment, environment_end - environment)
    begins = (b"\0" + shown).index(f"\0{child.MARK}=".encode())
    room = shown.index(b"\0", begins) - begins
    wanted = f"{child.MARK}={mark}".encode()
    if len(wanted) <= room:
        ctypes.memmove(environment + begins, wanted.ljust(room, b"\0"), room)


if __name__ == "__main__":
    _orders = socket.socket(fileno=DESCRIPTOR)
    main(json.loads(_orders.recv(MESSAGE_BYTES)), _orders)
