"""A caller in the socket: one sound at a time, each with one result unless the leg ends (switches.player)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from switch_app.core import orders as o
from switch_app.core import signals as s

from .simulated_switch import Leg
from .virtual_clock import Task

if TYPE_CHECKING:
    from .simulated_voice import SimulatedVoice

BREAK_S = 0.04  # uuid_break takes effect within


class SimulatedCaller:
    """The socket's session of a leg; it dies with the socket."""

    def __init__(self, voice: SimulatedVoice, leg: Leg, stream: str) -> None:
        self.voice, self.leg, self.stream = voice, leg, stream
        self.message = ""  # path of the message that is being recorded
        self._running: o.Play | None = None
        self._next: o.Play | None = None
        self._stopping = False
        self._end: Task | None = None
        self._failed = False  # the last sound, which nobody plays again

    @property
    def silent(self) -> bool:
        """Nothing is heard, and nothing that was to be heard has failed."""
        return self._running is None and not self._failed

    def carry_out(self, order: Any) -> bool:
        """True if the order is one for a caller's own socket."""
        if isinstance(order, o.Play):
            self._play(order)
        elif isinstance(order, o.StopPlay):
            self._silence()
        elif isinstance(order, o.HangUp):
            self.voice.clock.call_later(
                self.voice.switch.moment(), self.voice.switch.end, self.leg, order.reason
            )
        elif isinstance(order, o.RecordMessage):
            self.message = order.path
            self.voice.record_message(self.stream, order)
        else:
            return isinstance(order, (o.Answer, o.ShieldDigits))
        return True

    def pressed(self, digit: str) -> None:
        if self.message:
            self.voice.stop_message(self.leg.id)
        self.voice.tell(self.stream, s.DigitPressed(self.leg.id, digit))

    def gone(self) -> None:
        """The socket is gone: the leg's end, or its way back, is what comes next."""
        self._running = self._next = None
        if self._end:
            self._end.cancel()

    def taken(self) -> None:
        """The leg hears somebody else from now on."""
        left = [order for order in (self._running, self._next) if order is not None]
        self.gone()
        self.voice.switch.exit(self.leg)  # if it is back already, and the event of its join was late
        for order in left:
            self._tell(order, "stopped")

    # --- sounds ------------------------------------------------------------------------------------------
    def _play(self, order: o.Play) -> None:
        if self._running is None:
            self._begin(order)
            return
        if self._next is not None:
            self._tell(self._next, "stopped")
        self._next = order
        self._break()

    def _silence(self) -> None:
        if self._next is not None:
            self._tell(self._next, "stopped")
            self._next = None
        self._break()

    def _break(self) -> None:
        if self._running is not None and not self._stopping:
            self._stopping = True
            self._ends_in(self.voice.random.uniform(0.002, BREAK_S), "stopped")

    def _begin(self, order: o.Play) -> None:
        self._running, self._stopping, self._failed = order, False, False
        if self.voice.random.random() < self.voice.faults.play_fails:
            self._ends_in(0.005, "failed")
            return
        self.leg.person.hears(self.leg, order.sounds)
        if not order.endless:
            self._ends_in(sum(map(length_s, order.sounds)), "done")

    def _ends_in(self, delay_s: float, result: str) -> None:
        if self._end:
            self._end.cancel()
        self._end = self.voice.clock.call_later(delay_s, self._ended, result)

    def _ended(self, result: str) -> None:
        running, self._running, self._stopping = self._running, None, False
        following, self._next = self._next, None
        self._failed = result == "failed"
        if running is None or self.leg.at == "gone" or not self.voice.alive:
            return
        self._tell(running, result)
        if following is not None:
            if self._running is None:
                self._begin(following)
            else:  # the result has led to a newer Play
                self._tell(following, "stopped")

    def _tell(self, order: o.Play, result: str) -> None:
        self.voice.tell(self.stream, s.PlayEnded(order.ref, result))


def length_s(sound: str) -> float:
    """How long a sound lasts here: 0.5 to 5 s by its name."""
    if sound.startswith("silence:"):
        return int(sound.partition(":")[2]) / 1000
    return 0.5 + sha256(sound.encode()).digest()[0] / 56.0
