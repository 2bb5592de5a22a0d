"""voicemail: take a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from ... import facts as f
from ... import orders as o
from ...signals import RecordEnded
from ..announce import announce, announced
from ..turn import Turn
from .base import Exit, Name, Part, Path, Say, Seconds, Step, Target

MARGIN_S = 10.0


class VoicemailStep(Step):
    """Record the caller's message. It ends at a key, at silence, after max_s, or with the call.

    ```yaml
    leave_message:
      type: voicemail
      box: service
      say: leave_message        # then a beep
      max_s: 120
      min_s: 1                  # a shorter one is no message
      next: bye
      empty: bye                # nothing was said; default: next
    ```
    """

    type: Literal["voicemail"]
    box: Name
    say: Say = (Part(prompt="leave_message"), Part(prompt="beep"))
    thanks_say: Say = (Part(prompt="message_saved"),)
    empty_say: Say = (Part(prompt="message_too_short"),)
    max_s: Seconds = 120.0
    min_s: float = Field(default=1.0, ge=0, le=60)
    silence_s: Seconds = 5.0
    next: Target
    empty: Target = ""

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next)
        if self.empty:
            yield Exit(("empty",), self.empty, "empty", "world")

    def says(self) -> Iterator[tuple[Path, Say]]:
        yield from super().says()
        yield ("thanks_say",), self.thanks_say
        yield ("empty_say",), self.empty_say

    def outlives_caller(self, wait: dict[str, Any]) -> bool:
        return bool(wait["for"] == "record")

    def enter(self, turn: Turn) -> str | None:
        turn.session.typed = ""
        turn.need_caller()
        return self._record(turn) if announce(turn, turn.sounds(self.say), then="") else None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        wait = turn.session.wait
        if wait["for"] == "record":
            return self._recorded(turn, signal)
        if not announced(turn, signal):
            return None
        return wait["then"] or self._record(turn)

    def _record(self, turn: Turn) -> str | None:
        turn.session.typed = ""
        ref = turn.refs()
        interaction = re.sub(r"[^A-Za-z0-9-]", "", str(turn.session.call.get("interaction", "")))
        begun = turn.session.attempts
        count = begun[f"/{self.box}"] = begun.get(f"/{self.box}", 0) + 1  # no message is written over another
        path = f"voicemail/{self.box}/{interaction}-{count}.wav"
        turn.answer()
        turn.wait("record", ref, self.max_s + MARGIN_S, deaf=True, path=path)
        turn.orders.append(o.RecordMessage(ref, turn.session.leg, path, self.max_s, self.silence_s))
        return None

    def _recorded(self, turn: Turn, signal: Any) -> str | None:
        done = isinstance(signal, RecordEnded) and signal.result == "done" and signal.duration_s >= self.min_s
        if done:
            path = signal.path or turn.session.wait["path"]
            turn.facts.append(f.VoicemailLeft(path, signal.duration_s, self.box))
        target = self.next if done else self.empty or self.next
        turn.need_caller()
        sounds = turn.sounds(self.thanks_say if done else self.empty_say)
        return target if announce(turn, sounds, then=target) else None
