"""One question to FreeSWITCH's event socket, as an operator beside the application would ask it."""

from __future__ import annotations

import socket

from ..esl import commands
from ..esl.message import Frame
from ..esl.wire import FrameReader


def ask(address: tuple[str, int], password: str, command: str, timeout_s: float = 10.0) -> str:
    """The output of an API command. Raises OSError, ConnectionError."""
    name, _, args = command.partition(" ")
    with socket.create_connection(address, timeout_s) as sock:
        reader, frames = FrameReader(), list[Frame]()
        sock.sendall(commands.auth(password) + commands.api(name, args))
        while data := sock.recv(65536):
            frames += reader.feed(data)
            answers = [frame for frame in frames if frame.content_type == "api/response"]
            if answers:
                return answers[0].body.decode("utf-8", "replace")
    raise ConnectionError("the event socket was closed")
