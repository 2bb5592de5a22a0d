"""The other end of the wire for transport tests: real sockets on loopback, our codec's switch role."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import gevent
from gevent import socket
from gevent.server import StreamServer

from switch_app.esl import replies
from switch_app.esl.wire import Command, CommandReader

LEG = "6c9d3f0e-0001-4a2b-9c3d-5e6f70819203"
CHANNEL = {
    "Event-Name": "CHANNEL_DATA",
    "Unique-ID": LEG,
    "Caller-Caller-ID-Number": "1000",
    "variable_uuid": LEG,
}


def until(condition: Callable[[], object], timeout_s: float = 3.0) -> None:
    """Wait for a condition; a deadline, not a sleep, ends the wait."""
    deadline = monotonic() + timeout_s
    while not condition():
        assert monotonic() < deadline, "the condition did not come true in time"
        gevent.sleep(0.002)


class Peer:
    """A switch at the end of one connection; `answers(command) -> bytes` says what it replies."""

    def __init__(self, sock: socket.socket, answers: Callable[[Command], bytes]) -> None:
        self.sock = sock
        self.heard: list[Command] = []
        self.answers = answers
        self._reader = CommandReader()
        self.greenlet = gevent.spawn(self._serve)

    def _serve(self) -> None:
        while True:
            try:
                data = self.sock.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            for command in self._reader.feed(data):
                self.heard.append(command)
                self.sock.sendall(self.answers(command))

    def lines(self) -> list[str]:
        return [command.line for command in self.heard]

    def tell(self, data: bytes) -> None:
        self.sock.sendall(data)

    def close(self) -> None:
        """End with FIN, like a process that ends well."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def reset(self) -> None:
        """End with RST, like a host that lost its memory."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.greenlet.kill()
        self.sock.close()


def channel_answers(command: Command) -> bytes:
    """What a switch says on an outbound socket."""
    if command.verb == "connect":
        return replies.connect_reply(CHANNEL)
    if command.verb == "api":
        return replies.api_response("+OK " + command.args)
    if command.verb == "exit":
        return replies.command_reply("+OK bye") + replies.disconnect_notice(LEG)
    return replies.command_reply("+OK")


def line_answers(command: Command) -> bytes:
    """What a switch says on its event socket."""
    if command.verb == "auth":
        return replies.command_reply("+OK accepted" if command.args == "secret" else "-ERR invalid")
    if command.verb == "event":
        return replies.command_reply("+OK event listener enabled plain")
    if command.verb == "bgapi":
        job = command.get("job-uuid", "")
        return replies.bgapi_reply(job) + job_done(job, "+OK " + command.args)
    return channel_answers(command)


def job_done(job: str, text: str) -> bytes:
    return replies.event({"Event-Name": "BACKGROUND_JOB", "Job-UUID": job}, text)


@contextmanager
def event_socket(
    answers: Callable[[Command], bytes] = line_answers, greeting: bytes = replies.auth_request()
) -> Iterator[tuple[int, list[Peer]]]:
    """A switch's event socket: its port, and the peers of its connections, newest last."""
    peers: list[Peer] = []

    def welcome(sock: socket.socket, _: object) -> None:
        peers.append(Peer(sock, answers))
        sock.sendall(greeting)
        peers[-1].greenlet.join()

    server = StreamServer(("127.0.0.1", 0), welcome)
    server.start()
    try:
        yield server.server_port, peers
    finally:
        server.stop(0.1)
        for peer in peers:
            peer.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a TCP connection on loopback."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    return ours, theirs
