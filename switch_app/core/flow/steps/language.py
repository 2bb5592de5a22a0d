"""language: the caller's language by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ..ask import Question
from ..turn import Turn
from .asking import AskingStep, Sounds
from .base import Exit, Keys, Part, Path, Say, Target


class LanguageStep(AskingStep):
    """Let the caller choose a language.

    ```yaml
    choose_language:
      type: language
      say: language_menu    # one prompt, spoken in all of them
      choices: {1: zh, 2: en}
      default: zh           # after no or wrong input; the flow goes on at next
      skip_if_known: true   # the customer's own language, without asking
      next: main_menu
    ```
    """

    type: Literal["language"]
    say: Say = (Part(prompt="language_menu"),)
    choices: dict[Keys, str] = Field(min_length=1)
    default: str = ""
    skip_if_known: bool = False
    retries: int = Field(default=1, ge=0, le=9)
    no_input_say: Say = ()
    invalid_say: Say = ()
    next: Target

    def exits(self) -> Iterator[Exit]:
        for key, language in self.choices.items():
            yield Exit(("next",), self.next, f"{key} {language}", "keys")
        if not self.no_input:
            yield Exit(("next",), self.next, "no input", "silence")
        yield from super().exits()

    def chooses(self) -> Iterator[tuple[Path, str]]:
        yield from ((("choices", key), language) for key, language in self.choices.items())
        if self.default:
            yield ("default",), self.default

    def question(self, turn: Turn, phase: str) -> Question:
        return Question(
            keys=frozenset(self.choices),
            first_s=self.first_digit_s,
            inter_s=self.inter_digit_s,
            barge_in=self.barge_in,
            flush=self.flush,
        )

    def enter(self, turn: Turn) -> str | None:
        known = (turn.session.customer or {}).get("language", "")
        if self.skip_if_known and known in self.choices.values():
            return self._choose(turn, known)
        return super().enter(turn)

    def accept(self, turn: Turn, phase: str, digits: str) -> str | None:
        turn.forget_attempts()
        return self._choose(turn, self.choices[digits])

    def again(self, turn: Turn, phase: str, why: str, before: Sounds = ()) -> str | None:
        if self.is_lost(turn, why):
            turn.forget_attempts()
            return self._choose(turn, self.default or next(iter(self.choices.values())))
        return super().again(turn, phase, why, before)

    def _choose(self, turn: Turn, language: str) -> str:
        turn.choose_language(language)
        return self.next
