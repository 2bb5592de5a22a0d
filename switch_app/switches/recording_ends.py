"""Recordings whose end nobody told: it came while the control line, or the application, was down."""

from __future__ import annotations

import logging
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.interaction import Interaction

from .control_line import ControlLine

log = logging.getLogger(__name__)

HEADER = 44  # bytes, of the WAV files that the switches write
NOT_TOLD = "its end was not told, and there is no file of it"


@dataclass(slots=True)
class _Open:
    stream: str
    leg: str  # that is recorded
    over: bool = False  # the talk is
    unknown: bool = False  # to the switch, as a recording that runs
    message: bool = False  # of a caller, to a voicemail


class RecordingEnds:
    """`watch` each fact, `remember` what was open before the start, `look` now and then while the line is up.

    A recording that is still open a look after its talk is stopped; one that the switch knows no more another
    look later has ended without a word, and its file says how long it is. So is a message that was recorded
    before the start, of a caller who has left since; who is back is asked for another one.
    """

    def __init__(self, line: ControlLine, var_dir: Path, take: Callable[[str, Any], object]) -> None:
        self._line, self._var, self._take = line, var_dir, take
        self._open: dict[str, _Open] = {}  # by path

    def watch(self, stream: str, fact: Any, leg: str) -> None:
        """leg: the caller's, of this interaction."""
        if isinstance(fact, f.AgentConnected) and fact.recording:
            self._open[fact.recording] = _Open(stream, leg)
        elif isinstance(fact, f.ConversationEnded):
            for each in self._open.values():
                each.over = each.over or each.stream == stream
        elif isinstance(fact, f.LegLost):
            for each in self._open.values():
                each.over = each.over or (each.message and each.stream == stream and each.leg == fact.leg)
        elif isinstance(fact, f.InteractionResumed):
            back = [path for path, each in self._open.items() if each.message and each.stream == stream]
            for path in back:
                del self._open[path]
        elif isinstance(fact, f.RecordingKept | f.RecordingLost | f.VoicemailLeft):
            self._open.pop(fact.path, None)

    def remember(self, stream: str, state: Interaction) -> None:
        """What the journal tells of an interaction."""
        now = state.offer.recording if state.offer else ""
        for path, ended in state.recordings.items():
            if not ended:
                self._open[path] = _Open(stream, state.leg, over=path != now)
        message = state.message
        if message:
            self._open[message] = _Open(stream, state.leg, over=not state.leg_up, message=True)

    def look(self) -> None:
        for path, each in list(self._open.items()):
            if each.unknown:
                del self._open[path]
                self._settle(path, each)
            elif each.over:
                answered = partial(self._answered, each)
                self._line.bgapi("uuid_record", f"{each.leg} stop {self._var / path}", on_text=answered)

    def _answered(self, each: _Open, text: str) -> None:
        """Cannot locate session, or Cannot stop record session (mod_commands.c, session_record_function). Not
        settled at once: the event of an end overtakes nothing."""
        each.unknown = text.startswith("-ERR Cannot")

    def _settle(self, path: str, each: _Open) -> None:
        found = length(self._var / path)
        log.warning("%s: the end of its recording was not told: on disk is %s", each.stream, found)
        if found is None:
            self._take(each.stream, s.RecordingFailed(each.leg, path, NOT_TOLD))
        else:
            self._take(each.stream, s.RecordingEnded(each.leg, path, *found))


def recorded_s(path: Path) -> float:
    """Seconds of a file that is whole; 0.0 of any other."""
    found = length(path)
    return found[0] if found and not found[1] else 0.0


def length(path: Path) -> tuple[float, bool] | None:
    """Seconds of a WAV file, and whether it was cut: the one who wrote it died before the header was made to
    agree. None when there is none that can be read."""
    try:
        with wave.open(str(path)) as file:
            frames, rate_hz = file.getnframes(), file.getframerate()
            on_disk = (path.stat().st_size - HEADER) // (file.getnchannels() * file.getsampwidth())
    except (OSError, EOFError, wave.Error):
        return None
    cut = not frames and on_disk > 0
    return round((on_disk if cut else frames) / rate_hz, 3), cut
