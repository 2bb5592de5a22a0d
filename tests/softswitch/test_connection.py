"""A connection that is over holds nobody: the collector runs seldom in a switch that talks all the time."""

from __future__ import annotations

import gc
import socket
import weakref
from collections.abc import Iterator

import pytest

from switch_app.softswitch.control.connection import Connection
from switch_app.softswitch.loop import Loop


class Listener:
    def __init__(self, connection: Connection) -> None:
        self.connection, self.closed = connection, 0
        connection.on_data, connection.on_close = self._data, self._closed

    def _data(self, data: bytes) -> None:
        """Nothing is said in this test."""

    def _closed(self) -> None:
        self.closed += 1


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    yield near, far
    near.close()
    far.close()


def test_a_closed_connection_holds_nobody(pair: tuple[socket.socket, socket.socket]) -> None:
    loop = Loop()
    listener = Listener(Connection(loop, pair[0]))
    gc.disable()
    try:
        listener.connection.close()
        listener.connection.close()
        assert listener.closed == 1
        known = weakref.ref(listener)
        del listener
        assert known() is None
    finally:
        gc.enable()
