"""System calls on sockets that keep Python's lock do what the standard library's do."""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroplay.api.door.unyielding import LARGEST, SO_TIMESTAMPNS, Receiver, send, watch

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        yield here, there


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(min_size=1, max_size=300), max_size=4), skipped=st.integers(0, 9))
def test_bytes_arrive_as_they_were_sent(pair: Pair, parts: list[bytes], skipped: int) -> None:
    here, there = pair
    receiver = Receiver(100)
    for part in parts:
        out = memoryview(part)[min(skipped, len(part) - 1) :]
        assert send(here, out) == len(out)
        came = b""
        while len(came) < len(out):
            came += receiver.receive(there)
        assert came == out


def test_only_what_has_room_is_sent_and_the_rest_blocks(pair: Pair) -> None:
    here, there = pair
    out, receiver = memoryview(b"x" * LARGEST), Receiver(1 << 20)
    sent = until_blocked(lambda: send(here, out))
    assert sent > LARGEST
    assert until_blocked(lambda: len(receiver.receive(there))) == sent


def until_blocked(call: Callable[[], int]) -> int:
    """The sum of what is returned before BlockingIOError."""
    total = 0
    try:
        while True:
            total += call()
    except BlockingIOError:
        return total


def test_the_end_is_no_data_and_a_lost_reader_an_error(pair: Pair) -> None:
    here, there = pair
    there.close()
    assert Receiver(10).receive(here) == b""
    with pytest.raises(BrokenPipeError):
        send(here, memoryview(b"x"))


def test_the_kernel_says_when_input_arrived_if_the_listener_asked_for_it() -> None:
    for is_asked in (True, False):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            if is_asked:
                listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            with socket.create_connection(listener.getsockname()) as client:
                before = time.time()
                client.sendall(b"x")
                after = time.time()
                with listener.accept()[0] as accepted:
                    select.select([accepted], [], [])
                    receiver = Receiver(10)
                    assert receiver.receive(accepted) == b"x"
                    if is_asked:
                        assert receiver.arrived is not None
                        assert before - 0.01 <= receiver.arrived <= after + 0.01
                    with pytest.raises(BlockingIOError):
                        receiver.receive(accepted)
                if not is_asked:
                    assert receiver.arrived is None


def test_a_closed_socket_is_never_another_one_with_its_descriptor(pair: Pair) -> None:
    here, there = pair
    number = here.fileno()
    here.close()
    with socket.socket() as another:
        assert another.fileno() == number
        for call in (lambda: send(here, memoryview(b"x")), lambda: Receiver(10).receive(here)):
            with pytest.raises(OSError, match="Bad file descriptor") as caught:
                call()
            assert caught.value.errno == errno.EBADF
    assert Receiver(10).receive(there) == b""


def test_a_descriptor_is_watched_for_other_events(pair: Pair) -> None:
    here, there = pair
    with closing(select.epoll()) as epoll:
        epoll.register(here.fileno(), select.EPOLLIN | select.EPOLLONESHOT)
        assert epoll.poll(0) == []
        watch(epoll.fileno(), here.fileno(), select.EPOLLOUT | select.EPOLLONESHOT)
        assert epoll.poll(0) == [(here.fileno(), select.EPOLLOUT)]
        assert epoll.poll(0) == []
        there.send(b"x")
        watch(epoll.fileno(), here.fileno(), select.EPOLLIN | select.EPOLLONESHOT)
        assert epoll.poll(0) == [(here.fileno(), select.EPOLLIN)]
        epoll.unregister(here.fileno())
        with pytest.raises(FileNotFoundError):
            watch(epoll.fileno(), here.fileno(), select.EPOLLIN)
