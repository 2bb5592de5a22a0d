"""goto: go on at another step, or in another flow for good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import model_validator

from ..turn import Turn
from .base import Exit, Name, Step, Target


class GotoStep(Step):
    """Go on elsewhere; another flow is entered for good (see subflow for coming back).

    ```yaml
    back:
      type: goto
      step: main_menu       # or  flow: billing
    ```
    """

    type: Literal["goto"]
    step: Target = ""
    flow: Name = ""

    @model_validator(mode="after")
    def _one(self) -> GotoStep:
        if bool(self.step) == bool(self.flow):
            raise ValueError("give either step or flow")
        return self

    def exits(self) -> Iterator[Exit]:
        if self.step:
            yield Exit(("step",), self.step)

    def enter(self, turn: Turn) -> str | None:
        return turn.switch_flow(self.flow) if self.flow else self.step

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return None
