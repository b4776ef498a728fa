"""The error of `neuroplay serve` and other commands that start or stop processes."""

from __future__ import annotations

from neuroplay.core.errors import SettingsError


class CannotStart(SettingsError):  # noqa: N818 - a noun, as its base
    """Something on this machine prevents it: a port, a folder, a disk, another `serve`."""

    code = "cannot_start"
