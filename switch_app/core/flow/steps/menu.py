"""menu: a choice by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ..ask import Question
from ..turn import Turn
from .asking import AskingStep
from .base import Exit, Keys, Say, Target, Variable


class MenuStep(AskingStep):
    """Offer a choice by key.

    ```yaml
    main_menu:
      type: menu
      say: main_menu
      choices: {1: sales, 2: support, 0: operator}
      save: wish            # optional: keeps the key
      retries: 2            # further attempts; then:
      no_input: operator
      invalid: operator
    ```
    """

    type: Literal["menu"]
    say: Say
    choices: dict[Keys, Target] = Field(min_length=1)
    save: Variable = ""

    def exits(self) -> Iterator[Exit]:
        for key, target in self.choices.items():
            yield Exit(("choices", key), target, key, "keys")
        yield from super().exits()

    def question(self, turn: Turn, phase: str) -> Question:
        return Question(
            keys=frozenset(self.choices),
            first_s=self.first_digit_s,
            inter_s=self.inter_digit_s,
            barge_in=self.barge_in,
            flush=self.flush,
        )

    def accept(self, turn: Turn, phase: str, digits: str) -> str | None:
        turn.forget_attempts()
        if self.save:
            turn.set_variable(self.save, digits)
        return self.choices[digits]
