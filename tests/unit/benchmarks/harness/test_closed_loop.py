from __future__ import annotations

import pytest

from benchmarks.harness.closed_loop import Answers, get, request, whole

ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\nX: y\r\n\r\nbody"


@pytest.mark.parametrize("answer", [ANSWER, ANSWER.replace(b"Content-L", b"content-l")])
def test_an_answer_is_whole_with_its_last_byte(answer: bytes) -> None:
    assert [end for end in range(1, len(answer) + 1) if whole(answer[:end])] == [len(answer)]


def test_a_request_carries_its_length_and_token() -> None:
    head, _, body = request("/sync", b"{}", token="t").partition(b"\r\n\r\n")
    assert head.startswith(b"POST /sync HTTP/1.1\r\n")
    assert b"Content-Length: 2" in head
    assert b"Authorization: Bearer t" in head
    assert body == b"{}"
    assert b"Authorization" not in request("/sync", b"")


def test_an_unchanged_file_has_no_length() -> None:
    answer = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    assert [end for end in range(1, len(answer) + 1) if whole(answer[:end])] == [len(answer)]


def test_reading_may_carry_a_token_and_an_etag() -> None:
    assert get("/me", token="t") == (
        b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer t\r\n\r\n"
    )
    assert b"If-None-Match: x\r\n" in get("/sw.js", etag="x")


def test_answers_tell_rate_percentile_and_the_clients_share() -> None:
    answers = Answers(seconds=2, times_ms=tuple(range(100)), unexpected=0, client_cpu_s=0.5)
    assert answers.per_second == 50
    assert answers.client_share == 0.25
    assert answers.percentile_ms(0.99) == 99
    assert answers.percentile_ms(1) == 99


def test_a_request_can_be_of_any_method_and_have_headers() -> None:
    asked = request("/me", method="GET", headers={"Cookie": "a=b"})
    assert asked.startswith(b"GET /me HTTP/1.1\r\n")
    assert b"Cookie: a=b\r\n" in asked
    assert asked.endswith(b"Content-Length: 0\r\n\r\n")
