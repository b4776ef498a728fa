from __future__ import annotations

import pytest

from neuroplay.core.errors import Refused
from neuroplay.core.rules.adult_names import adult_name_key, checked_adult_name


@pytest.mark.parametrize("name", ["Rita", "Profª Inês Sá", "J. R. O'Neill", "R2", "李老师"])
def test_a_name_is_kept_as_it_is_written(name):
    assert checked_adult_name(f"  {name} ") == name


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "12", "id:7", "code: Rita", "x" * 61, "a\x07b"]
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(Refused) as refused:
        checked_adult_name(name)
    assert refused.value.code == "bad_adult_name"


@pytest.mark.parametrize("other", ["RITA SA", "rita sá", "Rita  Sa\u0301", "Rita-Sá", "Ritа Sá"])
def test_names_that_look_the_same_have_one_key(other):
    assert adult_name_key(other) == adult_name_key("Rita Sá")


def test_other_names_have_other_keys():
    keys = {adult_name_key(one) for one in ("Rita", "Rite", "Rita 2", "Rita Sá", "Ana")}
    assert len(keys) == 5
