"""Messages that callers leave: recorded by the control line, so that they outlive the application."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.esl.message import Event

from .control_line import ControlLine
from .events import recorded_s
from .later import later

log = logging.getLogger(__name__)

FOLDER = "voicemail"  # in var
SILENCE_LEVEL = 200  # energy below which it is silence (RECORD_SILENCE_THRESHOLD)
SPEECHLESS_S = 10.0  # nothing said at all
OVERTAKEN_S = 2.0  # a reply may come so much before an event that was first
UNTOLD_S = 60.0  # so long after the longest that it can be, a message's end was lost: the line was down

Tell = Callable[[s.RecordEnded], object]


@dataclass(eq=False, slots=True)
class _Running:
    leg: str
    order: o.RecordMessage
    tell: Tell
    until: float  # monotonic; nobody waits for it any more then, the flow has a deadline of its own


class Messages:
    """One message a leg. Its end is the switch's RECORD_STOP: silence, length, `stop`, or the hang-up."""

    def __init__(self, line: ControlLine, var_dir: Path) -> None:
        self._line, self._var = line, var_dir
        self._running: dict[str, _Running] = {}  # by path

    def start(self, leg: str, order: o.RecordMessage, tell: Tell) -> None:
        """Record -> RecordEnded, exactly once."""
        path = self._var / order.path
        self._forget_untold()
        self._running[str(path)] = _Running(leg, order, tell, monotonic() + order.max_s + UNTOLD_S)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            wanted = f"{leg} start {path} {order.max_s:.0f} {_limits(order)}"
            self._line.command("uuid_record", wanted, self._taken(str(path)))
        except OSError as error:
            log.error("a message cannot be recorded: %s", error)
            self._fail(str(path))

    def stop(self, leg: str) -> None:
        """End the leg's message; what was said so far is kept."""
        for path, running in list(self._running.items()):
            if running.leg == leg:
                self._line.command("uuid_record", f"{leg} stop {path}", self._stopped(path))

    def stopped(self, event: Event) -> bool:
        """RECORD_STOP of a message; False if it is none of ours (of before a restart)."""
        running = self._running.pop(event.get("Record-File-Path", ""), None)
        if running is not None:
            order = running.order
            running.tell(s.RecordEnded(order.ref, "done", order.path, recorded_s(event)))
        return running is not None

    def _taken(self, path: str) -> Callable[[str], None]:
        def answered(text: str) -> None:
            if not text.startswith("+OK"):
                log.error("the switch refused to record a message: %s", text.strip())
                self._fail(path)

        return answered

    def _stopped(self, path: str) -> Callable[[str], None]:
        """A recording that the switch no longer knows has ended: its RECORD_STOP is on the way, or lost.

        Replies overtake events, which wait for up to 20 ms in the listener's queue (mod_event_socket.c).
        """
        running = self._running.get(path)

        def over() -> None:
            if running is not None and self._running.get(path) is running:
                self._fail(path)

        def answered(text: str) -> None:
            if not text.startswith("+OK"):
                later(OVERTAKEN_S, over)

        return answered

    def forget(self) -> None:
        """The switch has died."""
        self._running.clear()

    def _fail(self, path: str) -> None:
        running = self._running.pop(path, None)
        if running is not None:
            running.tell(s.RecordEnded(running.order.ref, "failed"))

    def _forget_untold(self) -> None:
        now = monotonic()
        for path in [path for path, running in self._running.items() if running.until < now]:
            del self._running[path]


def _limits(order: o.RecordMessage) -> str:
    """Recording variables (switch_ivr_async.c, switch_ivr_record_session_event), of this recording alone."""
    values = {
        "RECORD_SILENCE_THRESHOLD": SILENCE_LEVEL,
        "RECORD_INITIAL_TIMEOUT_MS": round(SPEECHLESS_S * 1000),
        "RECORD_FINAL_TIMEOUT_MS": round(order.silence_s * 1000),
        "RECORD_STEREO": "false",
    }
    return "{" + ",".join(f"{name}={value}" for name, value in values.items()) + "}"
