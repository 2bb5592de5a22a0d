"""set: keep values for later steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from ..turn import Turn
from .base import Data, Exit, Expression, Path, Step, Target, Variable


class SetStep(Step):
    """Set variables: to texts and numbers, or to what an expression gives.

    ```yaml
    remember:
      type: set
      values: {topic: billing, greeting: "Hello {{ customer.name }}"}
      compute: {balance: "customer.accounts[0].balance"}
      next: tell
    ```
    """

    type: Literal["set"]
    values: dict[Variable, Data] = Field(default_factory=dict)
    compute: dict[Variable, Expression] = Field(default_factory=dict)
    next: Target

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next)

    def sets(self) -> Iterator[tuple[Path, str]]:
        for group in ("values", "compute"):
            for name in getattr(self, group):
                yield (group, name), name

    def expressions(self) -> Iterator[tuple[Path, str]]:
        for name, expression in self.compute.items():
            yield ("compute", name), expression

    def enter(self, turn: Turn) -> str | None:
        for name, value in self.values.items():
            turn.set_variable(name, turn.text(value))
        for name, expression in self.compute.items():
            turn.set_variable(name, turn.value(expression))
        return self.next

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return None
