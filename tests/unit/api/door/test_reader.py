"""Requests are read the same, however their bytes are split."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.api.door.limits import Limits
from neuroplay.api.door.requests import OVERHEAD, Reader

LINES = (
    "GET / HTTP/1.1",
    "POST /api/v1/gameplay/sync HTTP/1.1",
    "GET http://localhost/ops HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "GET / HTTP/1.0",
    "CONNECT a:1 HTTP/1.1",
    "PRI * HTTP/2.0",
    "get /",
    "",
)
HEADERS = (
    "Host: school",
    "Host: [::1]:5000",
    "Content-Length: 3",
    "Content-Length: 0",
    "Content-Length: 99999999",
    "Transfer-Encoding: chunked",
    "Connection: close",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Expect: 100-continue",
    "X: " + "y" * 200,
    "X : y",
    " folded",
    "X_Y: z",
    ": nothing",
    "Cookie: \u00e9",
)
BODIES = (
    "",
    "abc",
    "3\r\nabc\r\n0\r\n\r\n",
    "3;x=y\r\nabc\r\n0\r\nHost: b\r\n\r\n",
    "\0\1",
    "Z\r\n",
)

ENDS = st.sampled_from(("\r\n", "\r\n", "\r\n", "\n", "\r"))

MESSAGES = st.builds(
    lambda line, headers, end, body: end.join((line, *headers, "", "")) + body,
    st.sampled_from(LINES),
    st.lists(st.sampled_from(HEADERS), max_size=5),
    ENDS,
    st.sampled_from(BODIES),
)
STREAMS = st.one_of(
    st.lists(MESSAGES, min_size=1, max_size=3).map(lambda m: "".join(m).encode("latin-1")),
    st.binary(max_size=200),
)


def read(pieces: list[bytes]) -> tuple[object, ...]:
    reader = Reader(Limits())
    for piece in pieces:
        reader.feed(piece)
    requests = [
        (one.method, one.target, one.version, one.headers, bytes(one.body), one.keep_alive)
        for one in reader.ready
    ]
    return requests, reader.refusal, reader.ends


@settings(max_examples=300, deadline=None)
@given(STREAMS, st.data())
def test_any_cut_of_a_stream_reads_the_same(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    places = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(places) if a < b]
    assert read(pieces) == read([stream])


@settings(max_examples=300, deadline=None)
@given(STREAMS)
def test_what_passes_names_one_host_and_has_one_length(stream: bytes) -> None:
    requests, _, _ = read([stream])
    assert isinstance(requests, list)
    for _, target, version, headers, body, _ in requests:
        names = [name for name, _ in headers]
        assert names.count(b"host") == 1 or (version == "1.0" and not names.count(b"host"))
        assert names.count(b"content-length") + names.count(b"transfer-encoding") <= 1
        assert target.startswith(b"/") or target == b"*"
        for name, value in headers:
            assert name == name.lower()
            if name == b"content-length":
                assert int(value) == len(body)


def test_heads_and_bodies_without_an_end_are_refused_within_their_bounds() -> None:
    limits = Limits()
    head = Reader(limits)
    head.feed(b"GET / HTTP/1.1\r\nX: ")
    fed = 0
    while head.refusal is None:
        head.feed(b"a" * 1000)
        fed += 1000
        assert fed <= limits.largest_head + OVERHEAD + 1000
    chunks = Reader(limits)
    chunks.feed(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    fed = 0
    while chunks.refusal is None:
        chunks.feed(b"1\r\na\r\n" * 100)
        fed += 600
        assert fed <= 2 * limits.largest_body + OVERHEAD + 600
