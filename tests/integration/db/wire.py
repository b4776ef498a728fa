"""Records the protocol messages between a client and PostgreSQL."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import make_url

SOCKET = ".s.PGSQL.5432"


class Wire:
    """`url` leads to the same database. `messages` are the queries that went by; `cut_at` says of
    which one the line is to be cut before the server has it."""

    def __init__(self, url: str, folder: Path) -> None:
        there = make_url(url)
        self.url = there.set(query={**there.query, "host": str(folder)}).render_as_string(False)
        self.messages: list[str] = []
        self.cut_at: Callable[[str], bool] = lambda _: False
        self._server = str(Path(str(there.query["host"])) / SOCKET)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            answering = threading.Thread(target=_answer, args=(client, server), daemon=True)
            answering.start()
            with suppress(OSError), client.makefile("rb") as said:
                self._listen(said, server)
            for line in (client, server):
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            answering.join()

    def _listen(self, said: BinaryIO, server: socket.socket) -> None:
        """Pass on what the client says. Its first message has no kind, all others have one."""
        kind = b""
        while len(length := said.read(4)) == 4:
            body = said.read(struct.unpack("!i", length)[0] - 4)
            if kind == b"Q":
                text = body[:-1].decode()
                self.messages.append(text)
                if self.cut_at(text):
                    return
            server.sendall(kind + length + body)
            kind = said.read(1)


def _answer(client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        while part := server.recv(65_536):
            client.sendall(part)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


@contextmanager
def on_the_wire(url: str) -> Iterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="npwire", dir="/tmp") as folder:
        wire = Wire(url, Path(folder))
        yield wire
        wire.close()
