"""Steps that ask for digits: retries, the words after a mistake, and where it goes when they are used up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from ... import facts as f
from ..ask import Entry, Question, ask, heard
from ..fault import StepFault
from ..turn import Turn
from .base import Exit, Part, Path, Say, Seconds, Step, Target

Sounds = tuple[str, ...]


class AskingStep(Step):
    """retries: further attempts after the first. no_input / invalid: the steps to go to when they are
    used up (invalid defaults to no_input, that to the flow's on_error)."""

    retries: int = Field(default=2, ge=0, le=9)
    no_input: Target = ""
    invalid: Target = ""
    no_input_say: Say = (Part(prompt="no_input"),)
    invalid_say: Say = (Part(prompt="invalid_key"), Part(prompt="try_again"))
    first_digit_s: Seconds = 5.0
    inter_digit_s: Seconds = 3.0
    barge_in: bool = True
    flush: bool = False

    def question(self, turn: Turn, phase: str) -> Question:
        """What is asked in a phase of the step."""
        raise NotImplementedError

    def sounds(self, turn: Turn, phase: str) -> Sounds:
        return turn.sounds(getattr(self, "say", ()))

    def accept(self, turn: Turn, phase: str, digits: str) -> str | None:
        """Go on with an entry: the next step, or None to wait on."""
        raise NotImplementedError

    def exits(self) -> Iterator[Exit]:
        for name in ("no_input", "invalid"):
            if getattr(self, name):
                by: Literal["silence", "keys"] = "silence" if name == "no_input" else "keys"
                yield Exit((name,), getattr(self, name), name.replace("_", " "), by)

    def says(self) -> Iterator[tuple[Path, Say]]:
        yield from super().says()
        yield ("no_input_say",), self.no_input_say
        yield ("invalid_say",), self.invalid_say

    def enter(self, turn: Turn) -> str | None:
        return self.ask(turn, "entry")

    def resume(self, turn: Turn, signal: Any) -> str | None:
        phase = turn.session.wait["phase"]
        entry = heard(turn, self.question(turn, phase), signal)
        return self.judge(turn, phase, entry) if entry else None

    def ask(self, turn: Turn, phase: str, before: Sounds = ()) -> str | None:
        """Ask the question of a phase. before: what is said first."""
        question = self.question(turn, phase)
        entry = ask(turn, question, before + self.sounds(turn, phase), phase=phase)
        return self.judge(turn, phase, entry) if entry else None

    def judge(self, turn: Turn, phase: str, entry: Entry) -> str | None:
        """Accept an entry, or ask again."""
        accepted = entry.kind == "done"
        shown = "*" * len(entry.digits) if self.question(turn, phase).secret else entry.digits
        if entry.digits and self.tells(phase):
            turn.facts.append(f.DigitsCollected(turn.session.step, shown, accepted))
        return self.accept(turn, phase, entry.digits) if accepted else self.again(turn, phase, entry.kind)

    def tells(self, phase: str) -> bool:
        """Whether the digits of a phase are worth a fact."""
        return True

    def again(self, turn: Turn, phase: str, why: str, before: Sounds = ()) -> str | None:
        """Ask once more, or leave when the attempts are used up."""
        missed = turn.missed_attempts()
        if missed <= self.retries:
            return self.ask(
                turn,
                phase,
                before or turn.sounds(self.no_input_say if why == "no_input" else self.invalid_say),
            )
        turn.forget_attempts()
        target = self.way_out(why)
        if not target:
            raise StepFault(f"{why} after {missed} attempts, and no step to go to")
        return target

    def way_out(self, why: str) -> str:
        """Where it goes when the attempts are used up; "" where nothing is said of that."""
        return (self.invalid if why == "invalid" else "") or self.no_input

    def is_lost(self, turn: Turn, why: str) -> bool:
        """Whether this was the last attempt and nothing is said of where to go then."""
        return turn.session.attempts.get(turn.place(), 0) >= self.retries and not self.way_out(why)
