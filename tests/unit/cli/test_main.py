from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points

import pytest

from cli.main import COMMANDS, root_command
from cli.parsing.lazy import every_command, first_sentence, load


def test_help_lists_every_command_of_the_table_and_ends_with_0(run):
    ran = run("--help")

    assert ran.code == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in ran.out
        assert entry.help in ran.out
    assert ran.err == ""


def test_help_imports_no_command_and_no_heavy_library():
    script = (
        "import sys; from cli.main import main; main(['--help']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(ran.stderr.split())

    assert not {name for name in imported if name.startswith(("cli.commands.", "neuroplay."))}
    assert not imported & {"rich", "pydantic", "sqlalchemy", "celery", "flask", "redis", "segno"}


def test_neuroplay_alone_shows_the_help_and_is_a_usage_error(run):
    ran = run()

    assert ran.code == 2
    assert "Usage: neuroplay" in ran.err


def test_a_mistyped_command_is_corrected_in_one_line(run):
    ran = run("sttus")

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err == (
        "Error: No such command 'sttus'. Did you mean 'status'? Try: neuroplay --help\n"
    )


def test_a_wrong_option_names_the_help_of_its_command(run):
    ran = run("sync", "list", "--limitt", "3")

    assert ran.code == 2
    assert "--limitt" in ran.err
    assert "Try: neuroplay sync list --help" in ran.err
    assert ran.err.count("\n") == 1


def test_the_version_is_that_of_the_distribution(run):
    ran = run("--version")

    assert ran.code == 0
    assert ran.out.startswith("neuroplay 2.")


def test_the_installed_script_is_this_program():
    (script,) = entry_points(group="console_scripts", name="neuroplay")

    assert script.value == "cli.main:main"


def _commands():
    with every_command(root_command()) as commands:
        return list(commands)


@pytest.mark.parametrize(("name", "command"), _commands(), ids=lambda value: str(value)[:40])
def test_every_command_has_an_example_in_its_help_and_takes_json(name, command, run):
    ran = run(*name.split(), "--help")

    assert ran.code == 0
    assert "Example:\n" in ran.out
    assert f"  neuroplay {name}" in ran.out.partition("Example:")[2]
    assert "--json" in ran.out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_in_the_table_is_the_commands_own(name):
    entry = COMMANDS[name]

    assert first_sentence(load(name, entry).help) == entry.help
    assert len(entry.help) < 60


@pytest.mark.parametrize(("name", "command"), _commands(), ids=lambda value: str(value)[:40])
def test_the_help_of_a_command_begins_with_one_clear_sentence(name, command):
    first = command.help.strip().partition("\n\n")[0]

    assert first == first_sentence(first)
    assert first.endswith(".")
    assert len(first) <= 80


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("start", "'serve'"),
        ("run", "'serve'"),
        ("ps", "'status'"),
        ("backup", "'db backup'"),
        ("Backup", "'db backup'"),
        ("bckup", "'db backup'"),
        ("migrate", "'db migrate'"),
        ("replay", "'sync replay'"),
        ("delete", "'class erase', 'adult erase', 'student erase'"),
        ("class delete", "'class erase'"),
        ("class dump", "'db backup'"),
        ("db upgrade", "'db migrate'"),
        ("student cards", "'class cards'"),
        ("sync lst", "'list'"),
        ("classes", "'class'"),
    ],
)
def test_a_word_that_is_no_command_leads_to_the_one_that_was_meant(run, line, meant):
    ran = run(*line.split())

    assert ran.code == 2
    assert f"Did you mean {meant}?" in ran.err
    assert ran.err.count("\n") == 1


def test_a_word_that_means_nothing_is_led_nowhere(run):
    assert run("qqqq").err == "Error: No such command 'qqqq'. Try: neuroplay --help\n"


def test_help_and_version_are_found_however_they_are_asked_for(run):
    whole = run("--help").out

    assert run("-h").out == run("help").out == whole
    assert run("help", "class", "create").out == run("class", "create", "-h").out
    assert "class create" in run("help", "class", "create").out
    assert run("help", "nothing").code == 2
    assert run("version").out == run("-V").out == run("--version").out


def test_the_help_of_a_group_cuts_no_sentence_off(run):
    for group in ("class", "student", "sync", "db", "loadtest", "config"):
        shown = run(group, "--help").out.partition("Commands:")[2]
        assert shown
        assert "..." not in shown


def completed(run, monkeypatch, line: str) -> list[str]:
    monkeypatch.setenv("_NEUROPLAY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"neuroplay {line}")
    monkeypatch.setenv("COMP_CWORD", str(len(f"neuroplay {line}x".split()) - 1))
    ran = run()
    assert ran.err == ""
    return ran.out.split()


def test_a_shell_completes_values_too(store, run, monkeypatch):
    run("class", "create", "3A", "--students", "1")
    run("class", "create", "Demo", "--students", "1")
    run("class", "create", "1", "--students", "1")  # a name that is an id: its code is offered

    assert completed(run, monkeypatch, "sync list --state he") == ["held"]
    assert completed(run, monkeypatch, "sync list --verdict v") == ["verified"]
    assert completed(run, monkeypatch, "logs ") == [
        "postgres",
        "redis",
        "standby",
        "api",
        "worker",
        "beat",
        "supervisor",
    ]
    assert completed(run, monkeypatch, "class cards d") == ["Demo"]
    (code,) = (one.code for one in store.tables.classes.values() if one.name == "1")
    assert completed(run, monkeypatch, "student list --class ") == [f"code:{code}", "3A", "Demo"]
    assert completed(run, monkeypatch, "loadtest normal --chaos kill-w") == ["kill-worker"]
    assert "spike" in completed(run, monkeypatch, "loadtest sp")


def test_a_shell_that_completes_where_nothing_runs_hears_nothing(store, run, monkeypatch):
    store.away = True

    assert completed(run, monkeypatch, "class cards ") == []


def test_all_that_can_be_completed_is_there():
    from cli.parsing.completion import VALUES

    for target in VALUES.values():
        module, _, attribute = target.partition(":")
        assert hasattr(import_module(module), attribute)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("sync approve 2 --reason \udcff", "'--reason'"),
        ("sync replay 2 \udcff", "'[ID...]'"),
        ("sync list --error \udcff", "'--error'"),
        ("class create \udcff", "'NAME'"),
        ("health --host http://\udcff", "'--host'"),
    ],
)
def test_a_text_that_is_not_utf8_is_a_usage_error_that_names_the_option(store, run, line, name):
    ran = run(*line.split(" "))

    assert ran.code == 2
    assert f"{name}: it is not valid UTF-8" in ran.err
    assert ran.err.count("\n") == 1


def test_a_path_may_have_any_bytes(store, run):
    assert "no such file" in run("sync", "check", "\udcff").err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("serve --port 0", "'--port': it must be at least 1."),
        ("serve --port 65536", "'--port': it must be at most 65535."),
        ("serve --port x", "'--port': it is not a whole number."),
        ("health --every x", "'--every': it is not a number."),
        ("serve --only foo", "'--only': 'foo' is not one of 'api', 'worker', 'beat'."),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_plain_words(run, line, words):
    ran = run(*line.split())

    assert ran.code == 2
    assert f"Invalid value for {words}" in ran.err
