from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from neuroplay.config import load_settings
from neuroplay.core.errors import SettingsError
from neuroplay.setting import number_or_never, one_of, whole, whole_or_never


@pytest.mark.parametrize("text", ["0", "11", "", " ", "2.5", "many", "1 1", "٣", "1e1", "9" * 40])
def test_a_number_out_of_its_range_or_none_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it must be a whole number from 1 to 10$"):
        whole(1, 10)(text)


def test_a_number_may_have_spaces_around_it_and_no_upper_end() -> None:
    assert whole(1)(" 10 ") == 10
    with pytest.raises(ValueError, match="from 8 upwards"):
        whole(8)("7")


@pytest.mark.parametrize("text", ["never", "30", " 1 "])
def test_never_is_written_as_it_was_read(text: str) -> None:
    assert number_or_never(whole_or_never(1, 90)(text)) == text.strip()


@pytest.mark.parametrize("text", ["0", "Never", "-1", "1e1"])
def test_a_zero_is_not_taken_for_never(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it must be a whole number from 1 to 90, or never$"):
        whole_or_never(1, 90)(text)


def test_a_word_that_is_none_of_the_choice_is_refused_with_the_choice() -> None:
    assert one_of("info", "error")("info") == "info"
    with pytest.raises(ValueError, match="one of info, error"):
        one_of("info", "error")("Info")


def test_code_names_a_field_and_wins_over_the_environment_whose_case_is_no_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("neuroplay_port", "6001")
    monkeypatch.setenv("NEUROPLAY_TASK_WORKERS", "3")
    settings = load_settings(task_workers=5, host=None)
    assert (settings.port, settings.task_workers) == (6001, 5)
    assert {"port", "task_workers"} <= settings.given
    assert "host" not in settings.given


def test_what_code_gives_is_checked_too() -> None:
    with pytest.raises(SettingsError, match=r"^NEUROPLAY_PORT: it must be a whole number"):
        load_settings(port=0)
    with pytest.raises(TypeError, match="prot"):
        load_settings(prot=1)


def test_settings_are_frozen_and_show_no_secret() -> None:
    settings = load_settings(secret="topsecret" * 4, ops_token="operators-token")
    assert "topsecret" not in repr(settings)
    assert "operators-token" not in repr(settings)
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
