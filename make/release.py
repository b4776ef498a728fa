"""Checks whether this checkout can be released, as docs/releasing.md describes.

Prints each obstacle on a line and exits with 1, or exits with 0 if there is none.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_VERSION = re.compile(r'^__version__ = "(\d+\.\d+\.\d+)"$', re.MULTILINE)
_SECTION = re.compile(r"^## \[([^\]]+)\](.*)\n((?:(?!## ).*\n?)*)", re.MULTILINE)


def version(source: str) -> str:
    """The version in the text of neuroplay/__init__.py. Raises ValueError."""
    found = _VERSION.search(source)
    if found is None:
        raise ValueError('neuroplay/__init__.py has no line __version__ = "1.2.3"')
    return found[1]


def missing(release: str, changes: str, *, changed_files: str, tags: str) -> list[str]:
    """Obstacles to releasing `release`. `changes` is the text of CHANGELOG.md, `changed_files` and
    `tags` are the output of git."""
    sections = {name: (rest, body.strip()) for name, rest, body in _SECTION.findall(changes)}
    found = []
    if release not in sections:
        found.append(f"CHANGELOG.md has no section '## [{release}] - DATE'")
    elif not re.fullmatch(r" - \d{4}-\d\d-\d\d", sections[release][0]):
        found.append(f"CHANGELOG.md gives [{release}] no date: '## [{release}] - 2026-01-31'")
    elif not sections[release][1]:
        found.append(f"CHANGELOG.md says nothing under [{release}]")
    if sections.get("Unreleased", ("", ""))[1]:
        found.append(f"CHANGELOG.md still has changes under [Unreleased]: move them to [{release}]")
    if changed_files:
        found.append("there are changes that are not committed")
    if f"v{release}" in tags.split():
        found.append(f"the tag v{release} exists: raise __version__ in neuroplay/__init__.py")
    return found


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> int:
    release = version((ROOT / "neuroplay" / "__init__.py").read_text())
    found = missing(
        release,
        (ROOT / "CHANGELOG.md").read_text(),
        changed_files=_git("status", "--porcelain"),
        tags=_git("tag"),
    )
    for line in found:
        print(f"not ready: {line}", file=sys.stderr)
    if not found:
        print(f"{release} can be released. Next: git tag -a v{release} -m 'NeuroPlay {release}'")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
