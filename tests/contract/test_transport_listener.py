"""Where the switch connects to: no delay, no way past the limit, hostile peers harm only themselves."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import monotonic

import gevent
import pytest
from esl_peer import LEG, Peer, channel_answers, until
from gevent import socket

from switch_app.switches.listener import CallListener
from switch_app.switches.session import OutboundCall

Made = tuple[CallListener, list[OutboundCall]]


@pytest.fixture
def made() -> Iterator[Made]:
    calls: list[OutboundCall] = []

    def on_call(call: OutboundCall) -> None:
        call.handshake(timeout_s=0.5)
        calls.append(call)

    listener = CallListener(("127.0.0.1", 0), on_call, max_calls=3)
    listener.start()
    yield listener, calls
    listener.stop()
    listener.stop_calls()
    assert not listener.calls


def dial(listener: CallListener) -> Peer:
    return Peer(socket.create_connection(("127.0.0.1", listener.port)), channel_answers)


def test_a_call_begins_without_delay(made: Made) -> None:
    """greenswitch: the accept loop slept 0.1 s (median 65 ms to the first byte)."""
    listener, _ = made
    times = []
    for _ in range(15):
        began = monotonic()
        with socket.create_connection(("127.0.0.1", listener.port)) as sock:
            assert sock.recv(100).startswith(b"connect\n\n")
            times.append(monotonic() - began)
        until(lambda: not listener.calls)
    assert median(times) < 0.03


def test_a_call_outlives_its_welcome(made: Made) -> None:
    listener, calls = made
    peer = dial(listener)
    until(lambda: calls)
    gevent.idle()
    assert calls[0].connected
    assert calls[0].uuid == LEG
    peer.close()
    until(lambda: not listener.calls)


def test_the_limit_holds_and_frees_again(made: Made) -> None:
    """greenswitch: connections were counted after the handshake, so that the limit could be passed."""
    listener, calls = made
    socks = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(10)]
    first = [gevent.spawn(sock.recv, 100) for sock in socks]
    gevent.joinall(first, timeout=2)
    taken = [each.value.startswith(b"connect") for each in first if not each.exception and each.value]
    assert taken == [True] * 3
    for sock in socks:
        sock.close()
    until(lambda: not listener.calls)
    peer = dial(listener)
    until(lambda: calls)
    peer.close()


@pytest.mark.parametrize(
    "hostile",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"\xff" * 5000,
        b"\n\n\n\n\n",
        b"Content-Type: command/reply\n" + b"A: b\n" * 300_000,
        b"Content-Type: auth/request\n\n",
        b"Content-Type: text/disconnect-notice\n\n",
        b"Content-Type: command/reply\nReply-Text: +OK\n\n",
        b"",
    ],
)
def test_hostile_first_bytes_end_only_their_connection(made: Made, hostile: bytes) -> None:
    listener, calls = made
    well = dial(listener)
    until(lambda: len(calls) == 1)
    with socket.create_connection(("127.0.0.1", listener.port)) as sock:
        try:
            sock.sendall(hostile)
            while sock.recv(1 << 16):
                pass
        except OSError:
            pass  # it may be reset while it still sends
    until(lambda: len(listener.calls) == 1)
    assert calls[0].connected
    well.close()


def test_what_on_call_raises_ends_only_its_call() -> None:
    def fails(call: OutboundCall) -> None:
        raise RuntimeError("a bug in the application")

    listener = CallListener(("127.0.0.1", 0), fails)
    listener.start()
    try:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", listener.port)) as sock:
                assert sock.recv(100) == b""
        until(lambda: not listener.calls)
    finally:
        listener.stop()


def test_a_dead_peer_is_probed(made: Made) -> None:
    listener, calls = made
    peer = dial(listener)
    until(lambda: calls)
    options = (socket.SOL_SOCKET, socket.SO_KEEPALIVE), (socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert all(calls[0].sock.getsockopt(*option) for option in options)
    assert calls[0].sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
    peer.close()
