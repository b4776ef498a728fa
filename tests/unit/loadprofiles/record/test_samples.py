from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.record.samples import (
    CPU,
    MEMORY,
    QUEUE,
    Sample,
    highest,
    longest_unseen,
    mean,
    read_sample,
)

METRICS = """\
# HELP neuroplay_host_cpu_ratio Share of the machine's processors in use
# TYPE neuroplay_host_cpu_ratio gauge
neuroplay_host_cpu_ratio 0.25
# TYPE neuroplay_host_memory_ratio gauge
neuroplay_host_memory_ratio 0.5
# TYPE neuroplay_queue_size gauge
neuroplay_queue_size{queue_name="celery"} 7000.0
neuroplay_queue_size{queue_name="sync_inbox"} 12.0
neuroplay_api_requests_total{method="GET",endpoint="/",status="200"} 1e+06
"""


def test_a_sample_has_cpu_memory_and_the_inbox_alone() -> None:
    assert read_sample(3.5, METRICS) == Sample(at=3.5, cpu=0.25, memory=0.5, queue=12.0)


@pytest.mark.parametrize("name", [CPU, MEMORY, f'{QUEUE}{{queue_name="sync_inbox"}}'])
def test_a_missing_metric_is_none_and_the_others_stay(name: str) -> None:
    lines = [line for line in METRICS.splitlines() if not line.startswith(name)]
    sample = read_sample(0, "\n".join(lines))
    values = {CPU: sample.cpu, MEMORY: sample.memory, QUEUE: sample.queue}
    assert [key for key, value in values.items() if value is None] == [name.partition("{")[0]]


@pytest.mark.parametrize("text", ["", "<html>all is well</html>", '{"cpu": 0.1}', "cpu 0.1"])
def test_another_document_tells_nothing(text: str) -> None:
    assert read_sample(0, text) == Sample(at=0, cpu=None, memory=None, queue=None)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1.0"])
def test_a_value_that_no_machine_has_counts_as_not_told(value: str) -> None:
    lines = [CPU, MEMORY, f'{QUEUE}{{queue_name="sync_inbox"}}']
    sample = read_sample(0, "".join(f"{name} {value}\n" for name in lines))
    assert sample == Sample(at=0, cpu=None, memory=None, queue=None)


def test_a_garbled_value_is_refused() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        read_sample(0, f"{CPU} plenty\n")


@given(values=st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_of_several_values_for_one_thing_the_worst_counts(values: list[int]) -> None:
    text = "".join(
        f'{QUEUE}{{queue_name="sync_inbox",pid="{n}"}} {value}\n' for n, value in enumerate(values)
    )
    assert read_sample(0, text).queue == max(values)


@given(values=st.lists(st.none() | st.floats(0, 1e6), max_size=20))
def test_what_was_not_told_never_moves_a_mean_or_a_maximum(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    assert highest(values) == (max(known) if known else None)
    assert mean(values) == (pytest.approx(math.fsum(known) / len(known)) if known else None)


def looks(*moments: float) -> list[Sample]:
    return [Sample(at=at, cpu=0.1, memory=0.1, queue=0.0) for at in moments]


def test_without_a_look_all_of_the_time_is_unseen() -> None:
    assert longest_unseen([], 10, 70) == 60
    assert longest_unseen(looks(3, 80), 10, 70) == 60


def test_a_server_that_fell_silent_was_unseen_until_the_end() -> None:
    assert longest_unseen(looks(11, 12, 13), 10, 70) == 57
    assert longest_unseen(looks(50, 30, 69), 10, 70) == 20


@given(
    moments=st.lists(st.integers(0, 100), max_size=20),
    begin=st.integers(0, 50),
    length=st.integers(0, 50),
)
def test_a_look_more_never_makes_the_unseen_time_longer(
    moments: list[int], begin: int, length: int
) -> None:
    unseen = longest_unseen(looks(*moments), begin, begin + length)
    assert 0 <= longest_unseen(looks(*moments, begin + length / 2), begin, begin + length) <= unseen
    assert unseen <= length
