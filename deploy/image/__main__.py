"""Builds the image: python -m deploy.image [--base NAME] [--tag NAME]

Prints its size and the command that runs it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.image import base, engine, wheelhouse
from deploy.image.steps import step
from neuroplay import __version__

ROOT = Path(__file__).parents[2]
CONTEXT = engine.BUILD / "context"

NAME = f"neuroplay:{__version__}"

MB = 1_000_000

RUN = """\
{engine} run --detach --name neuroplay --read-only --tmpfs /tmp --cap-drop ALL \\
    --security-opt no-new-privileges --stop-timeout 60 --volume neuroplay:/data \\
    --publish 127.0.0.1:5000:5000 --env NEUROPLAY_PUBLIC_URL=http://localhost:5000 {image}"""


def build(builder: engine.Engine, base_image: str, tag: str) -> None:
    """Prepare the context and build. Raises CalledProcessError and ImageError."""
    shutil.rmtree(CONTEXT, ignore_errors=True)
    CONTEXT.mkdir(parents=True)
    python = base.python_of(builder, base_image)
    print(f"Base: {base_image}, with Python {python['python_full_version']}", file=sys.stderr)
    wheelhouse.fill(CONTEXT / "wheels", python)
    _make_wheel(CONTEXT / "code")
    shutil.copy2(Path(sys.executable).with_name("uv"), CONTEXT)
    shutil.copy2(Path(__file__).with_name("prepare.py"), CONTEXT)
    arguments = {
        "BASE": base_image,
        "VERSION": __version__,
        "REVISION": _revision(),
    }
    before = builder.identity(tag)
    step(
        "Building the image",
        [
            *(builder.program, "build", *builder.build_options),
            *("--file", base.CONTAINERFILE, "--tag", tag),
            *(f"--build-arg={name}={value}" for name, value in arguments.items()),
            CONTEXT,
        ],
        builder.environment,
    )
    if before not in ("", builder.identity(tag)):
        builder.succeeds("image", "rm", before)  # not if a container still uses it


def _make_wheel(folder: Path) -> None:
    """NeuroPlay's wheel, of the app as it is built now."""
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", folder, ROOT]
    step("Building NeuroPlay's wheel", [*command, "--python", sys.executable])


def _revision() -> str:
    """The commit, with a mark if something differs from it; '' outside of a repository."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make image", description="Build the container image.")
    parser.add_argument("--base", default="", help="base image: Python on glibc")
    parser.add_argument("--tag", default=NAME, help="name of the image")
    asked = parser.parse_args()
    try:
        builder = engine.find_or_install()
        base_image = base.ensure(builder, asked.base)
        build(builder, base_image, asked.tag)
    except engine.ImageError as error:
        print(error, file=sys.stderr)
        return 3
    except subprocess.CalledProcessError:
        print("The image could not be built: see above", file=sys.stderr)
        return 1
    size, below = builder.size(asked.tag), builder.size(base_image)
    print(f"{asked.tag}: {size / MB:.0f} MB, {(size - below) / MB:.0f} MB more than its base")
    print(f"Run it:\n\n{RUN.format(engine=builder.typed, image=asked.tag)}\n")
    print(f"Within half a minute, this shows three cards: {builder.typed} logs neuroplay")
    return 0


if __name__ == "__main__":
    sys.exit(main())
