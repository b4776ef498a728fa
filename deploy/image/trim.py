"""Removes from an environment what a running NeuroPlay never reads: python trim.py ENVIRONMENT

The packages' own tests, PostgreSQL's headers, manuals and static libraries. Then compiles what is
left, since nothing can be written beside it later. The standard library only: it runs in a build.
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


def trim(environment: Path) -> None:
    for packages in environment.glob("lib/python*/site-packages"):
        for pattern in UNREAD:
            for path in sorted(packages.glob(pattern)):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        if not compileall.compile_dir(packages, quiet=1):
            sys.exit(f"{packages}: a module could not be compiled")


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
