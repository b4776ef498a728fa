"""Prepares an environment for the image: python prepare.py ENVIRONMENT CODE

Removes what a running NeuroPlay never reads: the packages' own tests, PostgreSQL's headers, manuals
and static libraries. Lets it find the folder CODE. Compiles what is left, since nothing can be
written beside it later. It runs in a build, with the standard library only.
"""

from __future__ import annotations

import compileall
import shutil
import sys
from pathlib import Path

UNREAD = (
    *("**/tests", "**/test"),
    *("**/pginstall/include", "**/pginstall/share/man", "**/*.a", "**/*.h"),
)


def prepare(environment: Path, code: Path) -> None:
    for packages in environment.glob("lib/python*/site-packages"):
        for pattern in UNREAD:
            for path in sorted(packages.glob(pattern)):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        (packages / "neuroplay.pth").write_text(f"{code}\n")
        if not compileall.compile_dir(packages, quiet=1):
            sys.exit(f"{packages}: a module could not be compiled")


if __name__ == "__main__":
    prepare(*map(Path, sys.argv[1:]))
