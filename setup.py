"""Build step that setup.cfg cannot express: adds the built PWA to the wheel."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class BuildPyWithPwa(build_py):
    """Builds the PWA first, except for an editable install, where `make` does."""

    def run(self) -> None:
        if not self.editable_mode and not os.environ.get("NEUROPLAY_SKIP_PWA_BUILD"):
            runpy.run_path(str(ROOT / "pwa" / "npm.py"))["build"]()
            # The package data was listed before the PWA was built.
            self.data_files = self._get_data_files()
        super().run()


setup(cmdclass={"build_py": BuildPyWithPwa})
