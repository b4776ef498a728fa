from __future__ import annotations

import io
import json
import logging
import socket
import subprocess
import sys
from typing import Any

import structlog

from neuroplay.core.errors import NotFound
from neuroplay.infra.monitoring.logging import get_logger, render_exception
from tests.unit.infra.monitoring.streams import logs_to


def logged(stream: io.StringIO) -> dict[str, Any]:
    [line] = stream.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_is_json_with_where_when_and_which_request() -> None:
    with logs_to(io.StringIO()) as stream:
        structlog.contextvars.bind_contextvars(request_id="abc12345")
        get_logger("neuroplay.somewhere").info("inbox drained", claimed=3)
    line = logged(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "inbox drained",
        "level": "info",
        "claimed": 3,
        "host": socket.gethostname(),
        "request_id": "abc12345",
        "source": "neuroplay.somewhere",
    }


def test_a_terminal_is_not_told_which_host_it_is_on() -> None:
    with logs_to(io.StringIO(), as_json=False) as stream:
        get_logger("neuroplay.somewhere").info("inbox drained")
    assert "inbox drained" in stream.getvalue()
    assert socket.gethostname() not in stream.getvalue()


def test_the_standard_library_goes_the_same_way() -> None:
    with logs_to(io.StringIO()) as stream:
        logging.getLogger("celery.worker").warning("lost %s", "redis://u:hunter2@host/0")
    line = logged(stream)
    assert (line["source"], line["level"]) == ("celery.worker", "warning")
    assert line["host"] == socket.gethostname()
    assert line["event"] == "lost redis://u:(removed)@host/0"


def test_a_level_keeps_what_is_less_severe_away() -> None:
    with logs_to(io.StringIO(), level="warning") as stream:
        get_logger("a").info("chatter")
        logging.getLogger("b").info("chatter")
    assert stream.getvalue() == ""


def test_query_strings_of_the_development_server_are_not_shown() -> None:
    with logs_to(io.StringIO()) as stream:
        logging.getLogger("werkzeug").info('"GET /?card=SECRET HTTP/1.1" 200')
    assert stream.getvalue() == ""


def test_values_under_secret_keys_and_tokens_in_texts_are_removed() -> None:
    with logs_to(io.StringIO()) as stream:
        get_logger("a").warning(
            "refused: Bearer abcdef", nickname="Ana", token="t0ken", card_code="K7", session_id="s"
        )
    line = logged(stream)
    assert line["event"] == "refused: Bearer (removed)"
    assert {line[key] for key in ("nickname", "token", "card_code")} == {"(removed)"}
    assert line["session_id"] == "s"


def nested() -> None:
    try:
        dict[str, int]()["Ana"]
    except KeyError as error:
        raise ValueError("cannot place 'Ana'\nDETAIL: Key (nickname)=(Ana)") from error


def test_an_exception_shows_where_but_not_what_it_was_about() -> None:
    with logs_to(io.StringIO()) as stream:
        try:
            nested()
        except ValueError:
            get_logger("a").exception("broken")
            try:
                logging.getLogger("b").exception("broken")
            finally:
                pass
    for line in map(json.loads, stream.getvalue().splitlines()):
        assert "in nested" in line["exception"]
        assert line["exception"].index("KeyError") < line["exception"].index("ValueError")
        assert "Ana" not in line["exception"]


def test_our_own_errors_show_their_code_only() -> None:
    text = render_exception(NotFound("there is no student 'Ana'"))
    assert text == "NotFound: not_found"


def test_people_get_lines_they_can_read() -> None:
    with logs_to(io.StringIO(), as_json=False) as stream:
        get_logger("a").warning("worker not woken", reason="TimeoutError")
    assert "worker not woken" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_a_closed_stream_breaks_nobody() -> None:
    stream = io.StringIO()
    with logs_to(stream):
        stream.close()
        get_logger("a").warning("to nobody")
        logging.getLogger("b").warning("to nobody")


def test_logging_does_without_rich_and_leaves_it_to_others() -> None:
    script = (
        "import sys; import neuroplay.infra.monitoring.logging; "
        "assert 'rich' not in sys.modules and 'pygments' not in sys.modules; "
        "import rich.table"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
