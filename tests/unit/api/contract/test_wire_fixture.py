"""The app and the API read the same example of each document (pwa/src/contract/fixture.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neuroplay.api.contract import schemas
from neuroplay.core.rules.session_record import read_session

FIXTURE = json.loads(
    (Path(__file__).parents[4] / "pwa" / "src" / "contract" / "fixture.json").read_text()
)

SHAPES: dict[str, Any] = {
    "sign_in_request": schemas.SignInRequest,
    "sign_in_answer": schemas.SignedIn,
    "sync_request": schemas.SyncBatch,
    "sync_answer": schemas.SyncAnswer,
    "offer_request": schemas.OfferRequest,
    "offer_answer": schemas.OfferAnswer,
    "me": schemas.Me,
    "leaderboard": schemas.Leaderboard,
}


def test_every_example_has_a_schema() -> None:
    assert set(FIXTURE) == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_the_apps_example_is_what_the_api_speaks(name: str) -> None:
    SHAPES[name].model_validate(FIXTURE[name])


@pytest.mark.parametrize("name", SHAPES)
def test_the_app_knows_every_field_that_the_api_demands(name: str) -> None:
    demanded = {field for field, info in SHAPES[name].model_fields.items() if info.is_required()}
    assert demanded <= set(FIXTURE[name])


def test_a_session_of_the_app_is_a_session_of_the_core() -> None:
    record: dict[str, Any] = FIXTURE["sync_request"]["sessions"][0]
    session = read_session(record, student_id=1)
    assert (session.score, session.duration, session.difficulty) == (500, 120, 2)
