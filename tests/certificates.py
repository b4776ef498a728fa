"""Certificates for tests, made by openssl; a machine without it skips them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, kw_only=True)
class Pair:
    cert: Path
    key: Path


def self_signed(folder: Path, name: str) -> Pair:
    """A certificate made out to the host `name`, signed by itself."""
    return _made(folder, name, ["-x509"])


def signed(folder: Path, name: str, authority: Pair) -> Pair:
    """A certificate made out to the host `name`, with the authority's behind it in the file."""
    found = _made(
        folder,
        name,
        ["-x509", "-CA", str(authority.cert), "-CAkey", str(authority.key)],
        ["basicConstraints=critical,CA:FALSE"],
    )
    found.cert.write_text(found.cert.read_text() + authority.cert.read_text())
    return found


def _made(folder: Path, name: str, options: list[str], extensions: list[str] | None = None) -> Pair:
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificates, is not on this machine")
    pair = Pair(cert=folder / f"{name}.pem", key=folder / f"{name}.key")
    alternative = "IP" if name.replace(".", "").isdigit() else "DNS"
    words = ["req", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    words += ["-addext", f"subjectAltName={alternative}:{name}"]
    for extension in extensions or []:
        words += ["-addext", extension]
    subprocess.run(
        ["openssl", *words, *options, "-keyout", str(pair.key), "-out", str(pair.cert)],
        check=True,
        capture_output=True,
    )
    return pair
