"""play: say something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ..announce import announce, announced
from ..turn import Turn
from .base import Exit, Say, Step, Target


class PlayStep(Step):
    """Say prompts, texts, numbers and dates, then go on.

    ```yaml
    tell_balance:
      type: play
      say: [your_balance_is, {amount: "{{ balance }}"}, {silence: 500}]
      barge_in: true        # a digit skips it and counts for the next menu (the default)
      next: main_menu
    ```
    """

    type: Literal["play"]
    say: Say
    barge_in: bool = True
    next: Target

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next)

    def enter(self, turn: Turn) -> str | None:
        turn.need_caller()
        return self.next if announce(turn, turn.sounds(self.say), self.barge_in) else None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return self.next if announced(turn, signal) else None
