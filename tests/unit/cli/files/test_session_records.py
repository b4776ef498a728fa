from __future__ import annotations

import pytest

from cli.files.session_records import judge_lines
from cli.output.errors import CommandError
from neuroplay.core.use_cases.inspect_sync import JudgedRecord, Judgement


def plausible(records):
    for record in records:
        yield JudgedRecord(session_id=record.get("session_id"), verdict=Judgement.PLAUSIBLE)


def all_at_once(records):
    return list(plausible(list(records)))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "sessions.jsonl"


@pytest.mark.parametrize("judge", [plausible, all_at_once])
def test_verdicts_come_in_the_order_of_the_file_and_know_their_line(file, judge):
    file.write_text('{"session_id": "a"}\n\nnot json\n{"session_id": "b"}\n[1]\n')

    told = [(line, j.session_id, j.verdict) for line, j in judge_lines(file, judge)]

    assert told == [
        (1, "a", "plausible"),
        (3, None, "invalid"),
        (4, "b", "plausible"),
        (5, None, "invalid"),
    ]


def test_a_line_that_is_no_json_names_its_line_and_column(file):
    file.write_text('{"session_id": }\n')

    assert list(judge_lines(file, plausible)) == [
        (
            1,
            JudgedRecord(
                session_id=None,
                verdict=Judgement.INVALID,
                reasons=("line 1: not JSON: Expecting value at column 16",),
            ),
        )
    ]


@pytest.mark.parametrize(
    "raw", [b'{"a": "\xe9"}\n', b"[" * 100_000 + b"\n", b"null\n", b'"text"\n']
)
def test_any_other_broken_line_is_invalid_too(file, raw):
    file.write_bytes(raw)

    ((_, judged),) = judge_lines(file, plausible)

    assert judged.verdict == "invalid"
    assert judged.reasons[0].startswith("line 1: ")


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(file):
    file.write_bytes(b'\xef\xbb\xbf{"session_id": "a"}\r\n{"session_id": "b"}\r\n')

    assert [j.session_id for _, j in judge_lines(file, plausible)] == ["a", "b"]


def test_an_empty_file_holds_no_records(file):
    file.write_text("")

    assert list(judge_lines(file, plausible)) == []


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path):
    with pytest.raises(CommandError, match="cannot read") as refused:
        list(judge_lines(tmp_path / "none.jsonl", plausible))

    assert refused.value.code == 2
