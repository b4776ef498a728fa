"""The limits of an API process follow from its settings."""

from __future__ import annotations

import pytest

from neuroplay.api.door.limits import Limits
from neuroplay.api.server import limits_of
from neuroplay.config import load_settings
from neuroplay.core.errors import SettingsError


def test_the_defaults_of_both_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEUROPLAY_API_WAIT")
    limits = limits_of(load_settings())
    assert (limits.burst_s, limits.standing_s) == (Limits().burst_s, Limits().standing_s)
    assert limits.held_per_address == Limits().held_per_address


def test_a_queue_that_stands_waits_half_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROPLAY_API_WAIT", "3")
    limits = limits_of(load_settings())
    assert (limits.burst_s, limits.standing_s) == (3, 1.5)


@pytest.mark.parametrize("text", ["0", "0.05", "61", "-1", "nan", "inf", "half a second", "0,5"])
def test_a_time_that_nobody_means_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROPLAY_API_WAIT", text)
    with pytest.raises(SettingsError, match=r"NEUROPLAY_API_WAIT.* from 0\.1 to 60"):
        load_settings()


def test_connections_are_no_more_than_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neuroplay.api.server.open_files", lambda: 1000)
    assert limits_of(load_settings()).connections == 1000 - 256
