from __future__ import annotations

import json
import re

import pytest

from cli.main import root_command
from cli.parsing.lazy import every_command
from tests.unit.cli.documented import sections


def commands():
    with every_command(root_command()) as found:
        return dict(found)


COMMANDS = commands()


def test_every_command_is_documented_and_no_other():
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented_and_no_other(name):
    text = sections()[name]
    table = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`(--?[a-z][a-z-]*)", table))
    arguments = set(re.findall(r"^\| `([A-Z][\w.]*)`", table, flags=re.MULTILINE))

    params = COMMANDS[name].params
    assert documented == {
        opt for p in params if p.param_type_name == "option" for opt in (*p.opts, *p.secondary_opts)
    }
    assert arguments == {p.metavar.strip("[]") for p in params if p.param_type_name == "argument"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_documents_its_example_its_json_and_its_exit_codes(name):
    text = sections()[name]

    assert re.search(rf"```sh\n(.*\n)*(.* )?neuroplay {name}", text)
    assert "```json" in text or "JSON" in text
    assert re.search(r"Exit codes?:", text.replace("\n", " "))


@pytest.mark.parametrize("name", COMMANDS)
def test_documented_json_is_json(name):
    for block in re.findall(r"```json\n(.*?)```", sections()[name], flags=re.DOTALL):
        json.loads(block)
