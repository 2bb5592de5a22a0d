"""Reading, matching and waiting on a connection to a switch, in place of greenswitch's own.

greenswitch's classes stay the public face (face.py); what their base class does with bytes and
waiting greenlets is replaced here as a whole.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, cast

import gevent
from gevent import socket
from gevent.event import AsyncResult
from greenswitch.esl import ESLProtocol

from ..esl import commands
from ..esl.conversation import Conversation, Said
from ..esl.errors import LocalWireError, RemoteWireError
from ..esl.message import Event, Frame
from ..esl.wire import FrameReader
from .errors import SwitchGone
from .in_turn import in_turn
from .later import wait_for
from .outbox import Outbox

log = logging.getLogger(__name__)

OnReply = Callable[[Frame | None], None]

_READ = 1 << 16  # bytes; an event is 1 to 8 KB, a channel's end brings several at once
_MAX_UNANSWERED = 10_000  # commands
_MAX_UNHEARD = 100  # events before on_event is set; the oldest go first


class Transport(ESLProtocol):
    """One connection at a time, from `_open` to `_closed(reason)`, which always comes, once.

    reason: disconnected (the switch said good-bye) | ended (it closed without) | reset | broken
    (it broke the wire) | stalled (it reads nothing) | silent | refused | closed (by us).

    The callbacks run in the reading greenlet and must not wait.
    """

    def __init__(self) -> None:
        ESLProtocol.__init__(self)
        self.gone_reason = "never connected"
        self._on_event: Callable[[Event], None] | None = None
        self._unheard: deque[Event] = deque(maxlen=_MAX_UNHEARD)
        self._heard_at = 0.0
        self._reason = ""

    # --- for both faces ------------------------------------------------------------------------
    @property
    def on_event(self) -> Callable[[Event], None] | None:
        """Takes the events. Those that came before it was set are delivered when it is set."""
        return self._on_event

    @on_event.setter
    def on_event(self, callback: Callable[[Event], None] | None) -> None:
        self._on_event = callback
        while callback and self._unheard:
            self._safely(callback, self._unheard.popleft())

    def post(self, *wanted: bytes, on_reply: OnReply | None = None) -> None:
        """Write commands and go on; `on_reply` gets each reply, or None if none will come.

        Each of `wanted` is exactly one command. A connection that is over, or that the switch has not
        greeted yet, drops them: that it will be over before they arrive can never be excluded, so this
        is no error.
        """
        if self.connected and self._conversation.unanswered > _MAX_UNANSWERED:
            self._break("stalled")
        if not (self.connected and self._conversation.takes_commands):
            for _ in wanted if on_reply else ():
                self._safely(on_reply, None)
            return
        for each in wanted:
            self._conversation.asked(each, on_reply)
        self._outbox.write(wanted[0] if len(wanted) == 1 else b"".join(wanted))

    def ask(self, wanted: bytes, timeout_s: float = 5.0) -> Frame:
        """Write one command and wait for its reply. Raises SwitchGone, TimeoutError.

        After a time-out the connection is still in order: the late reply is dropped.
        """
        if gevent.getcurrent() is self._receive_events_greenlet:
            raise LocalWireError("a callback of a connection cannot wait for that connection")
        answer: AsyncResult[Frame | None] = AsyncResult()
        self.post(wanted, on_reply=answer.set)
        if not wait_for(answer, timeout_s):
            raise TimeoutError(f"no reply within {timeout_s:g} s")
        if answer.value is None:
            raise SwitchGone(self.gone_reason)
        return answer.value

    def close(self) -> None:
        """End the connection now; `_closed` follows from the reading greenlet."""
        self._break("closed")

    def when_over(self, callback: Callable[[], None]) -> None:
        """`callback` when the reading greenlet of the present connection has ended."""
        self._receive_events_greenlet.link(lambda _: callback())

    # --- in place of greenswitch's ---------------------------------------------------------------
    def send(self, data: str) -> Any:
        from .face import FacedReply

        return FacedReply(self.ask(commands.command(data)))

    def stop(self) -> None:
        """End the connection and wait until nothing of it runs."""
        self.close()
        reader = self._receive_events_greenlet
        if reader and reader is not gevent.getcurrent():
            reader.join(1.0)

    def start_event_handlers(self) -> None:
        self._receive_events_greenlet = gevent.spawn(self.receive_events)

    def process_events(self) -> None:
        """Events are delivered by the reading greenlet, in their order: there is no queue."""

    def handle_event(self, event: Any) -> None:
        raise NotImplementedError("frames are taken by _take")

    def receive_events(self) -> None:
        reason = "broken"
        try:
            reason = self._read()
        except RemoteWireError as error:
            log.warning("the switch broke the wire: %s", error)
        except OSError:
            reason = "reset"
        finally:
            self._finish(self._reason or reason)

    # --- the life of a connection ----------------------------------------------------------------
    def _open(self, sock: socket.socket, outbound: bool) -> None:
        self.sock = sock
        self._reason = ""
        self._lingering = False
        self._conversation: Conversation[OnReply | None] = Conversation(outbound)
        self._frames = FrameReader()
        self._outbox = Outbox(sock, self._break)
        self._heard_at = monotonic()
        self.connected = self._run = True
        self.start_event_handlers()

    def _read(self) -> str:
        """Until the end; returns its reason. Waits first: an attempt in vain costs more than a wait."""
        hub = gevent.get_hub()
        turn = in_turn(hub)
        readable = hub.loop.io(self.sock.fileno(), 1)
        try:
            while self.connected:
                turn.wait(readable)
                if not self.connected:
                    break
                data = self.sock.recv(_READ)
                self._heard_at = monotonic()
                if not data:
                    self._frames.eof()
                    return "ended"
                ended = self._take_all(data)
                if ended:
                    return ended
        finally:
            readable.close()
        return "closed"

    def _take_all(self, data: bytes) -> str:
        """Deliver what is complete. Returns the reason if it ends the connection."""
        broken: RemoteWireError | None = None
        frames: Sequence[Frame]
        try:
            frames = self._frames.feed(data)
        except RemoteWireError as error:
            broken, frames = error, cast("Sequence[Frame]", error.before)
        for frame in frames:
            ended = self._take(frame)
            if ended or not self.connected:
                return ended or "closed"
        if broken:
            raise broken
        return ""

    def _take(self, frame: Frame) -> str:
        said, on_reply = self._conversation.received(frame)
        if said is Said.EVENT:
            event = frame.event()
            try:
                self._event(event)
            except Exception as error:  # noqa: BLE001 - a callback may fail in any way
                _log_mistake(error)
        elif said is Said.REPLY:
            if on_reply:
                self._safely(on_reply, frame)
        elif said is Said.LINGERS:
            self._lingering = True
            self._safely(self._lingers)
        elif said is Said.GREETED:
            self._auth_request_event.set()
        elif said is Said.ENDED:
            return "disconnected"
        elif said is Said.REFUSED:
            return "refused"
        return ""

    def _event(self, event: Event) -> None:
        if self._on_event:
            self._on_event(event)
        elif not self.event_handlers:
            self._unheard.append(event)
        if self.event_handlers:
            self._tell_handlers(event)

    def _lingers(self) -> None:
        """The channel is gone and the connection stays for its last events."""

    def _closed(self, reason: str) -> None:
        """The connection is over."""

    def _break(self, reason: str) -> None:
        """No more writing; the reading greenlet sees the end and finishes."""
        if not self.connected:
            return
        self.connected = False
        self._reason = self.gone_reason = reason
        self._outbox.close()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the peer was faster

    def _finish(self, reason: str) -> None:
        self.connected = self._run = False
        self.gone_reason = reason
        self._outbox.close()
        self.sock.close()
        for on_reply in self._conversation.close():
            if on_reply:
                self._safely(on_reply, None)
        self._auth_request_event.set()
        self._safely(self._closed, reason)

    def _safely(self, callback: Callable[..., object] | None, *args: object) -> None:
        """A callback's mistake must not end the connection. Its text may hold digits: not logged."""
        try:
            if callback:
                callback(*args)
        except Exception as error:  # noqa: BLE001 - a callback may fail in any way
            _log_mistake(error)

    def _tell_handlers(self, event: Event) -> None:
        from .face import FacedEvent

        name = event.get("Event-Subclass", "") if event.name == "CUSTOM" else event.name
        wanted = self.event_handlers.get(name) or self.event_handlers.get("*") or ()
        for handler in tuple(wanted):
            self._safely(handler, FacedEvent(event))


def _log_mistake(error: Exception) -> None:
    """Where it happened and of what class; an exception's text could carry a caller's digits."""
    places = []
    trace = error.__traceback__
    while trace:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("a callback failed: %s at %s", type(error).__name__, " < ".join(reversed(places)))
