"""The event socket of a FreeSWITCH without calls: it takes a password and says yes to everything."""

from __future__ import annotations

import contextlib
import socketserver
import threading

from switch_app.esl import replies
from switch_app.esl.wire import CommandReader


class EventSocket:
    """Listens from `with` on. password None: it denies everybody, as its ACL does."""

    def __init__(self, port: int, password: str | None) -> None:
        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                if password is None:
                    self.request.sendall(replies.rude_rejection())
                    return
                self.request.sendall(replies.auth_request())
                reader = CommandReader()
                with contextlib.suppress(OSError):
                    while data := self.request.recv(65536):
                        for command in reader.feed(data):
                            self.request.sendall(answer(command.line, password))

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._server = Server(("127.0.0.1", port), Connection)

    def __enter__(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer(line: str, password: str) -> bytes:
    verb, _, rest = line.partition(" ")
    if verb == "auth":
        return replies.command_reply("+OK accepted" if rest == password else "-ERR invalid")
    if verb == "api":
        return replies.api_response('{"row_count":0}' if rest.startswith("show") else "+OK")
    return replies.command_reply("+OK")
