from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.serving.ready import announce
from neuroplay.config import load_settings
from neuroplay.core.entities.adult import Adult, AdultRole
from neuroplay.core.use_cases.adults import Invitation
from neuroplay.core.use_cases.cards import CreatedClass
from neuroplay.operation.serving.boot import Plan
from tests.unit.core.samples import School, create

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def demo() -> CreatedClass:
    return create(School()).execute("Demo", 4)


def plan(home: Path, *, shows_link: bool) -> Plan:
    settings = load_settings(home=str(home))
    return Plan(settings=settings, pieces=["api"], demo=True, shows_link=shows_link)


INVITATION = Invitation(
    adult=Adult(adult_id=1, name="Demo", role=AdultRole.TEACHER, created_at=AT),
    token="secret-token",
    expires_at=AT + timedelta(hours=24),
)


def said(
    capsys: pytest.CaptureFixture[str],
    plan: Plan,
    demo: CreatedClass,
    invitation: Invitation | None,
    *,
    as_json: bool = False,
) -> str:
    announce(plan, demo, invitation, supervisor=7, detach=True, as_json=as_json)
    return capsys.readouterr().out


def test_whoever_starts_it_sees_the_link_once(capsys, tmp_path, demo):
    shown = said(capsys, plan(tmp_path, shows_link=True), demo, INVITATION)
    assert "/teacher#join=secret-token" in shown
    again = said(capsys, plan(tmp_path, shows_link=True), demo, None)
    assert "join=" not in again
    assert "adult invite" not in again


def test_a_program_gets_the_link(capsys, tmp_path, demo):
    text = said(capsys, plan(tmp_path, shows_link=True), demo, INVITATION, as_json=True)
    assert json.loads(text)["teacher_link"].endswith("#join=secret-token")


def test_a_log_gets_the_command_instead(capsys, tmp_path, demo):
    shown = said(capsys, plan(tmp_path, shows_link=False), demo, None)
    assert "join=" not in shown
    assert "adult invite NAME --class Demo" in shown
