"""Recordings of talks, by the control line: they outlive the application."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from switch_app.core import orders as o
from switch_app.core import signals as s

from .control_line import ControlLine

Tell = Callable[[s.RecordingFailed], object]


class Recordings:
    """Their end is the switch's RECORD_STOP. In stereo where the join has set RECORD_STEREO."""

    def __init__(self, line: ControlLine, var_dir: Path) -> None:
        self._line, self._var = line, var_dir

    def start(self, order: o.Join, tell: Tell) -> None:
        """Record the caller's leg into `order.recording`; `tell` hears of a failure."""
        path = self._var / order.recording
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            tell(s.RecordingFailed(order.leg, order.recording, str(error)))
            return

        def answered(text: str) -> None:
            if not text.startswith("+OK"):
                tell(s.RecordingFailed(order.leg, order.recording, text.strip()))

        self._line.command("uuid_record", f"{order.leg} start {path}", answered)

    def stop(self, order: o.StopRecording) -> None:
        self._line.command("uuid_record", f"{order.leg} stop {self._var / order.path}")
