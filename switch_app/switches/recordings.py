"""Recordings of talks, by the control line: they outlive the application."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from switch_app.core import orders as o
from switch_app.core import signals as s

from .control_line import ControlLine

Tell = Callable[[s.RecordingFailed], object]


class Recordings:
    """Their end is the switch's RECORD_STOP. In stereo where the join has set RECORD_STEREO.

    Beside the line (bgapi): FreeSWITCH waits 10 ms and more for a recording's thread, at its end for the disk
    (switch_ivr_async.c, record_callback), and every other command of the line would wait with it.
    """

    def __init__(self, line: ControlLine, var_dir: Path) -> None:
        self._line, self._var = line, var_dir
        self._starting: dict[str, bool] = {}  # path -> it is to end as soon as it has begun

    def start(self, order: o.Join, tell: Tell) -> None:
        """Record the caller's leg into `order.recording`; `tell` hears of a failure."""
        path = self._var / order.recording
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            tell(s.RecordingFailed(order.leg, order.recording, str(error)))
            return

        self._starting[order.recording] = False

        def answered(text: str) -> None:
            over = self._starting.pop(order.recording, False)
            if not text.startswith("+OK"):
                tell(s.RecordingFailed(order.leg, order.recording, text.strip()))
            elif over:
                self.stop(o.StopRecording(order.leg, order.recording))

        self._line.bgapi("uuid_record", f"{order.leg} start {path}", on_text=answered)

    def stop(self, order: o.StopRecording) -> None:
        """What has not begun yet ends when it has: jobs run beside each other, in any order."""
        if order.path in self._starting:
            self._starting[order.path] = True
        else:
            self._line.bgapi("uuid_record", f"{order.leg} stop {self._var / order.path}")
