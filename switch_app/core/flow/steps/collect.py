"""collect: a number from the caller."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from ..ask import Question
from ..turn import Turn
from .asking import AskingStep, Sounds
from .base import Exit, Expression, Part, Path, Say, Target, Variable

_COUNT = {"type": "integer", "minimum": 1, "maximum": 40}
DIGITS: dict[str, Any] = {  # as written: a count, or the lowest and the highest
    "anyOf": [
        _COUNT,
        {"type": "object", "properties": {"min": _COUNT, "max": _COUNT}, "additionalProperties": False},
    ]
}
READ_BACK: Say = (Part(prompt="you_entered"), Part(digits="0"))  # the entry in place of the 0
PENDING = "_pending"  # the entry that waits for its confirmation, among the secrets


def _least_and_most(value: Any) -> Any:
    """One number is both; what is neither is told with an example, of its own numbers where it has some."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"min": value, "max": value}
    if isinstance(value, dict):
        return value
    found = re.findall(r"[0-9]{1,2}", str(value))
    least, most = found if len(found) == 2 else ("6", "8")
    raise ValueError(f"one number is wanted, or {{min: {least}, max: {most}}}")


class CollectStep(AskingStep):
    """Collect digits into a variable; validated, confirmed and secret where asked for.

    ```yaml
    account_number:
      type: collect
      say: enter_account
      save: account
      digits: {min: 6, max: 8}   # or one number: digits: 8
      end_key: "#"               # * starts the number again
      check: "starts(account, '6')"
      confirm: true              # reads it back: 1 is right, 2 again
      secret: false              # true: in no log, journal or timeline
      next: look_up
      no_input: operator
    ```
    """

    type: Literal["collect"]
    say: Say
    save: Variable
    digits: Annotated[
        dict[Literal["min", "max"], int], BeforeValidator(_least_and_most), WithJsonSchema(DIGITS)
    ]
    end_key: Literal["#", "*", ""] = "#"
    check: Expression = ""
    confirm: bool = False
    confirm_say: Say = (Part(prompt="confirm"),)
    invalid_say: Say = (Part(prompt="enter_again"),)
    secret: bool = False
    next: Target

    @model_validator(mode="after")
    def _sensible(self) -> CollectStep:
        if not 1 <= self.least <= self.most <= 40:
            raise ValueError("digits: min and max must be 1 to 40, and min not above max")
        return self

    @property
    def least(self) -> int:
        return self.digits.get("min", 1)

    @property
    def most(self) -> int:
        return self.digits.get("max", 40)

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next, by="keys")
        yield from super().exits()

    def says(self) -> Iterator[tuple[Path, Say]]:
        yield from super().says()
        if self.confirm:
            yield ("confirm_say",), self.confirm_say
            yield (), READ_BACK

    def expressions(self) -> Iterator[tuple[Path, str]]:
        if self.check:
            yield ("check",), self.check

    def question(self, turn: Turn, phase: str) -> Question:
        asking = Question(first_s=self.first_digit_s, inter_s=self.inter_digit_s, barge_in=self.barge_in)
        if phase == "confirm":
            return replace(asking, keys=frozenset("12"), hushed=self.secret)
        return replace(
            asking,
            least=self.least,
            most=self.most,
            end_key=self.end_key,
            flush=self.flush,
            secret=self.secret,
        )

    def sounds(self, turn: Turn, phase: str) -> Sounds:
        if phase == "entry":
            return turn.sounds(self.say)
        value = turn.session.secrets.get(PENDING, "")
        return turn.spoken([("prompt", "you_entered"), ("digits", value)]) + turn.sounds(self.confirm_say)

    def tells(self, phase: str) -> bool:
        return phase == "entry"

    def accept(self, turn: Turn, phase: str, digits: str) -> str | None:
        if phase == "confirm":
            value = turn.session.secrets.pop(PENDING, "")
            return (
                self._keep(turn, value) if digits == "1" and value else self.again(turn, "entry", "invalid")
            )
        if not self._valid(turn, digits):
            return self.again(turn, "entry", "invalid")
        if self.confirm:
            turn.session.secrets[PENDING] = digits
            return self.ask(turn, "confirm")
        return self._keep(turn, digits)

    def _valid(self, turn: Turn, digits: str) -> bool:
        if not self.check:
            return True
        return bool(turn.value(self.check, {self.save: digits}))

    def _keep(self, turn: Turn, value: str) -> str:
        turn.forget_attempts()
        turn.set_variable(self.save, value, secret=self.secret)
        return self.next
