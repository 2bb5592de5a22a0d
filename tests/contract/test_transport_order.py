"""After a standstill: who was first is first, though libev and the switch would have it otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from esl_peer import CHANNEL, until
from gevent import socket

from switch_app.esl import replies
from switch_app.switches import call_server
from switch_app.switches.call_server import CallServer
from switch_app.switches.control_line import ControlLine
from switch_app.switches.listener import CallListener
from switch_app.switches.voice import VoiceSwitch

LEGS = [f"leg-{number}" for number in range(9)]
SILENT, SOON_S = "leg-0", 1.0
HANDSHAKE_S = 1.5  # instead of 5


class Server:
    """A call server, and a switch's connections to it that the test answers itself."""

    def __init__(self, var: Path) -> None:
        self.taken: list[tuple[str, str]] = []  # (kind of signal, leg)
        voice = VoiceSwitch(ControlLine("127.0.0.1", 1, ""), self._take, var, var)
        server = CallServer(voice, self._take, lambda context, dnis: ("flow", "version", "zh"))
        self.listener = CallListener(("127.0.0.1", 0), server.serve)
        self.listener.start()
        self.legs = {leg: self._connect() for leg in LEGS}

    def _connect(self) -> socket.socket:
        count = len(self.listener.calls)
        sock = socket.create_connection(("127.0.0.1", self.listener.port))
        until(lambda: len(self.listener.calls) > count)
        return sock

    def _take(self, stream: str, signal: Any) -> None:
        self.taken.append((type(signal).__name__, signal.leg))

    def answer(self, legs: list[str]) -> None:
        """Their handshakes, in this order, while the application stands still."""
        for leg in legs:
            reply = replies.connect_reply({**CHANNEL, "Unique-ID": leg, "variable_interaction_id": leg})
            self.legs[leg].sendall(reply)

    def close(self) -> None:
        for sock in self.legs.values():
            sock.close()
        self.listener.stop()
        self.listener.stop_calls()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(call_server, "HANDSHAKE_S", HANDSHAKE_S)
    found = Server(tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("answered", [LEGS, LEGS[::-1], LEGS[4:] + LEGS[:4]])
def test_callers_arrive_in_the_order_of_their_connections(server: Server, answered: list[str]) -> None:
    server.answer(answered)
    until(lambda: len(server.taken) == len(LEGS))
    assert server.taken == [("CallArrived", leg) for leg in LEGS]


def test_a_standstill_ends_no_handshake_that_has_been_answered(server: Server) -> None:
    server.answer(LEGS)
    time.sleep(HANDSHAKE_S + 0.5)
    until(lambda: len(server.taken) == len(LEGS))
    assert server.taken == [("CallArrived", leg) for leg in LEGS]


def test_a_connection_that_says_nothing_holds_nobody_up_for_long(server: Server) -> None:
    begun = monotonic()
    server.answer(LEGS[1:])
    until(lambda: len(server.taken) == len(LEGS) - 1)
    assert monotonic() - begun < SOON_S
    assert server.taken == [("CallArrived", leg) for leg in LEGS if leg != SILENT]


def test_keys_are_heard_in_the_order_in_which_they_were_pressed(server: Server) -> None:
    server.answer(LEGS)
    until(lambda: len(server.taken) == len(LEGS))
    server.taken.clear()
    pressed = LEGS[5:] + LEGS[:5]
    for leg in pressed:
        event = {"Event-Name": "DTMF", "Unique-ID": leg, "DTMF-Digit": "1"}
        server.legs[leg].sendall(replies.event(event))
    until(lambda: len(server.taken) == len(LEGS))
    assert server.taken == [("DigitPressed", leg) for leg in pressed]
