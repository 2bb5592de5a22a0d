"""Where the switch's `socket` application connects to."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gevent import socket
from gevent.server import StreamServer

from .errors import SwitchGone
from .session import OutboundCall
from .tcp import tune

log = logging.getLogger(__name__)


class CallListener(StreamServer):
    """Accepts without delay and hands each call to `on_call(call)`, in a greenlet of its own.

    `on_call` sets the callbacks and calls `handshake`; what it raises closes this call only. Above
    `max_calls` a connection is closed at once: the switch goes on in its dialplan.
    """

    def __init__(
        self, address: tuple[str, int], on_call: Callable[[OutboundCall], object], max_calls: int = 1000
    ) -> None:
        super().__init__(address, self._welcome, backlog=1024)
        self.max_calls = max_calls
        self.calls: set[OutboundCall] = set()
        self._on_call = on_call

    def init_socket(self) -> None:
        super().init_socket()
        tune(self.socket)  # what it accepts inherits these

    @property
    def port(self) -> int:
        """The port that is listened on, known after start()."""
        return int(self.server_port)

    def _welcome(self, sock: socket.socket, address: object) -> None:
        if len(self.calls) >= self.max_calls:
            log.warning("a call is sent back: %d calls are held", len(self.calls))
            sock.close()
            return
        call = OutboundCall(sock, address)
        self.calls.add(call)
        call.when_over(lambda: self.calls.discard(call))
        try:
            self._on_call(call)
        except (SwitchGone, TimeoutError) as error:
            log.warning("a call was lost before it began: %s", error)
            call.close()
        except Exception:
            call.close()
            raise

    def do_close(self, sock: socket.socket, *args: object) -> None:
        """The connection outlives the greenlet that welcomed it: it ends with its reader."""

    def stop_calls(self) -> None:
        """Close every call and wait until all are gone."""
        calls = list(self.calls)
        for call in calls:
            call.close()
        for call in calls:
            call.stop()
