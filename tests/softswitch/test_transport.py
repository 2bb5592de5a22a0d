"""The SIP socket: what ICMP errors of one peer do to the others, and names that are not resolved."""

from __future__ import annotations

import socket
import time

import pytest

from switch_app.softswitch.loop import Loop
from switch_app.softswitch.sip.transport import UdpTransport


@pytest.fixture
def loop() -> Loop:
    return Loop()


def turn_until(loop: Loop, holds: object, seconds: float = 2.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        loop.turn()


def test_a_dead_peer_is_reported_and_does_not_cost_the_next_packet(loop: Loop) -> None:
    transport = UdpTransport(loop, ("127.0.0.1", 0), "127.0.0.1")
    dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dead.bind(("127.0.0.1", 0))
    address = dead.getsockname()
    dead.close()
    unreachable: list[object] = []
    transport.unreachable = unreachable.append
    alive = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    alive.bind(("127.0.0.1", 0))
    alive.settimeout(1)
    for number in range(20):
        transport.send_to("to nobody", address)
        transport.send_to(f"message {number}", alive.getsockname())
        assert alive.recv(100) == f"message {number}".encode()
    turn_until(loop, lambda: unreachable)
    assert set(unreachable) == {address}
    transport.shutdown()
    alive.close()


def test_names_are_never_resolved(loop: Loop) -> None:
    transport = UdpTransport(loop, ("127.0.0.1", 0), "127.0.0.1")
    began = time.monotonic()
    transport.send_to("x", ("no-such-host.example", 5060))
    transport.send_to("x", ("127.0.0.1", 70_000))
    assert time.monotonic() - began < 0.05
    transport.shutdown()
