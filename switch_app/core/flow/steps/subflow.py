"""subflow: run another flow and come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ..turn import Turn
from .base import Exit, Name, Step, Target


class SubflowStep(Step):
    """Run another flow with the same variables; its `end` comes back here.

    ```yaml
    who:
      type: subflow
      flow: identify
      next: main_menu
    ```
    """

    type: Literal["subflow"]
    flow: Name
    next: Target

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next)

    def enter(self, turn: Turn) -> str | None:
        return turn.call_flow(self.flow, self.next)

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return None
