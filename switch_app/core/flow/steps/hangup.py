"""hangup: the end of the call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ..announce import announce, announced
from ..turn import Turn
from .base import END, Exit, Say, Step


class HangupStep(Step):
    """Say good-bye and hang up. reason: what the caller's side hears of it.

    ```yaml
    bye:
      type: hangup
      say: goodbye
      reason: normal    # or busy, rejected
    ```
    """

    type: Literal["hangup"]
    say: Say = ()
    reason: Literal["normal", "busy", "rejected"] = "normal"

    def exits(self) -> Iterator[Exit]:
        yield from ()

    def enter(self, turn: Turn) -> str | None:
        if turn.session.gone or announce(turn, turn.sounds(self.say), barge_in=False):
            return self._end(turn)
        return None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return self._end(turn) if announced(turn, signal) else None

    def _end(self, turn: Turn) -> str:
        turn.session.stack.clear()  # out of all subflows
        turn.hang_up(self.reason)
        return END
