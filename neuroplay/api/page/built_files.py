"""Cache the files of the built app in memory: tablets request the same few again and again, mostly
to ask whether there is a newer version."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from werkzeug.datastructures import Accept
from werkzeug.security import safe_join

MIMETYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Instead of the operating system's table, which differs between machines."""

ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

RECHECK_S = 1.0
"""How often a file is checked for changes: the delay until a new build is served."""


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file as it is sent. `etag` is derived from its content."""

    body: bytes
    mimetype: str
    encoding: str | None
    etag: str
    modified: datetime


@dataclass(kw_only=True, slots=True)
class _Known:
    file: File
    version: tuple[int, int, int]
    checked_at: float


class Files:
    """The files of a folder. Each is read once, and again after it has changed. Thread-safe."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = str(folder)
        self._clock = clock
        self._known: dict[tuple[str, str], _Known] = {}

    def __len__(self) -> int:
        """How many are in memory; a compressed one counts by itself."""
        return len(self._known)

    def find(self, name: str, accepted: Accept) -> File | None:
        """The file, compressed if that is `accepted` and part of the build; None if missing."""
        path = safe_join(self._folder, name)
        if path is None or "\x00" in path:
            return None
        plain = self._read(path, path, None)
        if plain is None:
            return None
        for encoding, suffix in ENCODINGS:
            if accepted[encoding] > 0:
                compressed = self._read(path + suffix, path, encoding)
                if compressed is not None:
                    return compressed
        return plain

    def _read(self, stored: str, path: str, encoding: str | None) -> File | None:
        # A compressed file may also be requested by its own name, then with another MIME type.
        key = stored, path
        known = self._known.get(key)
        now = self._clock()
        if known is not None and now < known.checked_at + RECHECK_S:
            return known.file
        place = Path(stored)
        try:
            if not place.is_file():
                raise FileNotFoundError
            status = place.stat()
            version = status.st_mtime_ns, status.st_size, status.st_ino
            if known is None or known.version != version:
                body = place.read_bytes()
                file = File(
                    body=body,
                    mimetype=MIMETYPES.get(Path(path).suffix, "application/octet-stream"),
                    encoding=encoding,
                    etag=hashlib.sha256(body).hexdigest()[:24],
                    modified=datetime.fromtimestamp(int(status.st_mtime), UTC),
                )
                known = _Known(file=file, version=version, checked_at=now)
        except OSError:
            self._known.pop(key, None)
            return None
        known.checked_at = now
        self._known[key] = known
        return known.file
