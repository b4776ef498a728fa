"""What `neuroplay serve` says where it cannot start."""

from __future__ import annotations

from neuroplay.core.errors import SettingsError


class CannotStart(SettingsError):  # noqa: N818 - a noun, as its base
    """Something on this machine is in the way: a port, a folder, a disk, another serve."""

    code = "cannot_start"
