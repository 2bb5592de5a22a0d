"""branch: go on by conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from ..turn import Turn
from .base import Exit, Expression, Path, Step, Target, Written


class When(Written):
    """One condition and where it leads (`if` and `go` in the document)."""

    condition: Expression = Field(alias="if")
    go: Target


class BranchStep(Step):
    """Go to the first step whose condition holds.

    ```yaml
    gold_first:
      type: branch
      when:
        - {if: "customer.tier == 'gold'", go: gold_welcome}
        - {if: "queues.sales.waiting > 20", go: busy}
      else: main_menu
    ```
    """

    type: Literal["branch"]
    when: tuple[When, ...] = Field(min_length=1)
    otherwise: Target = Field(alias="else")

    def exits(self) -> Iterator[Exit]:
        for at, when in enumerate(self.when):
            yield Exit(("when", at, "go"), when.go, when.condition, "world")
        yield Exit(("else",), self.otherwise, "else", "world")

    def expressions(self) -> Iterator[tuple[Path, str]]:
        for at, when in enumerate(self.when):
            yield ("when", at, "if"), when.condition

    def enter(self, turn: Turn) -> str | None:
        return next((when.go for when in self.when if turn.value(when.condition)), self.otherwise)

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return None
