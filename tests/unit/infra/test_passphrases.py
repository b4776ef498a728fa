from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from neuroplay.core.errors import Refused
from neuroplay.infra.passphrases import MOST_WAITING, ArgonPassphrases


@pytest.fixture(scope="module")
def cheap() -> ArgonPassphrases:
    return ArgonPassphrases(memory_kib=64, passes=1)


def test_a_passphrase_is_recognised_by_its_hash(cheap):
    stored = cheap.hash("three blind mice")
    assert stored.startswith("$argon2id$")
    assert cheap.hash("three blind mice") != stored
    assert cheap.verify(stored, "three blind mice", known=False)
    assert not cheap.verify(stored, "three blind rats", known=False)


@pytest.mark.parametrize("stored", [None, "", "nonsense", "$argon2id$v=19$m=64"])
def test_no_passphrase_fits_what_is_no_hash(cheap, stored):
    assert not cheap.verify(stored, "", known=False)


def test_hashes_of_other_parameters_are_recognised_and_outdated(cheap):
    other = ArgonPassphrases(memory_kib=128, passes=2)
    stored = other.hash("three blind mice")
    assert cheap.verify(stored, "three blind mice", known=False)
    assert cheap.is_outdated(stored)
    assert not cheap.is_outdated(cheap.hash("three blind mice"))


def test_the_usual_hash_takes_enough_memory():
    stored = ArgonPassphrases().hash("three blind mice")
    assert "m=32768,t=2,p=1" in stored


def test_a_flood_is_told_to_come_again(cheap):
    stored = ArgonPassphrases().hash("three blind mice")

    def ask(_: int) -> str:
        try:
            return str(cheap.verify(stored, "three blind mice", known=False))
        except Refused as refused:
            return f"{refused.code} {refused.retry_after_s}"

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(ask, range(50)))
    assert set(answers) == {"True", "too_many_attempts 5.0"}
    assert answers.count("True") > MOST_WAITING
