from __future__ import annotations

from benchmarks.harness.machine import described, differences, lines, processor, valkey_version
from tests.unit.benchmarks.harness.test_figures import HEADER


def test_the_processor_is_read_from_cpuinfo() -> None:
    assert processor("processor\t: 0\nmodel name\t: A  Fast   One\n") == "A Fast One"
    assert processor("") != ""


def test_valkeys_version_is_read_from_what_it_says() -> None:
    assert valkey_version("Valkey server v=9.1.2 sha=0:0 malloc=libc bits=64") == "9.1.2"
    assert valkey_version("unknown") == "unknown"


def test_versions_that_differ_are_named() -> None:
    then = {**HEADER, "postgresql": "17.2", "packages": {"granian": "2.8.7", "locust": "2.47.0"}}
    assert differences(HEADER, then) == "postgresql 17.2 (18.4 now), locust 2.47.0 (missing now)"
    assert differences(HEADER, HEADER) == ""


def test_the_header_names_this_machine_and_all_versions() -> None:
    found = described()
    assert found["processors"] > 0
    assert found["postgresql"].startswith("18.")
    assert found["valkey"][0].isdigit()
    assert found["synchronous_commit"] == "on"
    assert all(found["packages"].values())
    text = lines(found)
    for name, version in found["packages"].items():
        assert f"{name} {version}" in text
    assert f"commit {found['commit']}" in text
