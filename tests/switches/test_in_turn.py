"""Readers of one loop: who was there first reads first, and a busy loop rests after it has read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import gevent
import pytest
from gevent import socket

from switch_app.switches import in_turn as module
from switch_app.switches.in_turn import InTurn
from switch_app.switches.pace import Pace

MANY = 12


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def turn(done: list[str], monkeypatch: pytest.MonkeyPatch) -> InTurn:
    monkeypatch.setattr(module, "_stand_still", lambda rest_s: done.append("rest"))
    return InTurn(gevent.get_hub())


@pytest.fixture
def peers(turn: InTurn, done: list[str]) -> Iterator[list[socket.socket]]:
    """Connections whose readers note what they read, once; what they set going notes itself."""
    hub = gevent.get_hub()

    def read(sock: socket.socket) -> None:
        readable = hub.loop.io(sock.fileno(), 1)
        turn.wait(readable)
        readable.close()
        said = sock.recv(10).decode()
        done.append(said)
        hub.loop.run_callback(done.append, f"after {said}")

    with ExitStack() as held:
        pairs = [socket.socketpair() for _ in range(MANY)]
        for ours, theirs in pairs:
            held.callback(ours.close)
            held.callback(theirs.close)
        readers = [gevent.spawn(read, ours) for ours, _ in pairs]
        gevent.sleep(0.001)  # the loop has told the kernel of them
        yield [theirs for _, theirs in pairs]
        gevent.killall(readers)


def test_who_was_there_first_reads_first(peers: list[socket.socket], done: list[str]) -> None:
    order = [7, 2, 11, 0, 5, 1, 10, 3, 9, 4, 8, 6]
    for place in order:
        peers[place].send(str(place).encode())
    gevent.sleep(0.01)
    assert done[:MANY] == [str(place) for place in order]
    assert "rest" not in done


def test_a_busy_loop_rests_after_what_it_has_set_going(
    turn: InTurn, peers: list[socket.socket], done: list[str]
) -> None:
    turn.pace = Pace(burst_s=0.0)  # busy from the first look
    for place in range(3):
        peers[place].send(str(place).encode())
    gevent.sleep(0.01)
    assert done == ["0", "1", "2", "after 0", "after 1", "after 2", "rest"]
