"""The outbound socket's server: a leg that enters becomes CallArrived, its end is the line's to tell."""

from __future__ import annotations

import logging

from gevent.event import Event as Flag

from switch_app.esl.message import Event

from .arrival import Numbers, arrival
from .session import OutboundCall
from .voice import Take, VoiceSwitch

log = logging.getLogger(__name__)

HANDSHAKE_S = 5.0
PLACE_S = 0.5  # so long a leg that is ready waits for the one before it; FreeSWITCH answers within 20 ms
LEG_EVENTS = ("CHANNEL_EXECUTE_COMPLETE", "DTMF")


class CallServer:
    """Give `serve` to a listener: it is called with each accepted OutboundCall."""

    def __init__(self, voice: VoiceSwitch, take: Take, numbers: Numbers) -> None:
        self._voice, self._take, self._numbers = voice, take, numbers
        self._last = Flag()  # set when the leg that connected last has been taken
        self._last.set()

    def serve(self, call: OutboundCall) -> None:
        """One leg, from its connect to the end of the socket.

        Legs are taken in the order of their connections: after a standstill many come at once, and the switch
        answers their handshakes in any order.
        """
        before, taken = self._last, Flag()
        self._last = taken
        try:
            reply = call.handshake(HANDSHAKE_S, LEG_EVENTS, linger_s=0)  # the end is the line's to tell
            before.wait(PLACE_S)
            self._arrived(call, reply)
        finally:
            taken.set()

    def _arrived(self, call: OutboundCall, reply: Event) -> None:
        signal = arrival(reply, self._numbers)
        if not signal.leg:
            log.warning("a connection without a leg: closed")
            call.exit()
            return
        if self._voice.is_stale(signal, reply.get("Channel-State", "")):
            call.exit()
            return
        stream = f"interaction:{signal.interaction}"
        returned = self._voice.attach(signal, stream, call)
        call.on_gone = lambda reason: self._voice.detach(signal.leg, call)
        if not call.connected:
            self._voice.detach(signal.leg, call)
        self._take(stream, returned or signal)
        ended = self._voice.ended(signal.leg)
        if ended is not None:  # nobody had opened its interaction when that was told
            self._take(stream, ended)
