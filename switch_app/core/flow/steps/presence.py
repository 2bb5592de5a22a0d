"""presence: an agent changes state from the phone that is logged in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from ...signals import PresenceAnswered
from ..announce import announce, announced
from ..ask import Question
from ..fault import StepFault
from ..requests import ChangePresence
from ..turn import Turn
from .asking import AskingStep
from .base import END, Exit, Keys, Name, Part, Path, Say, Target

ANSWER_LIMIT_S = 5.0


class PresenceStep(AskingStep):
    """Change the presence of the agent who is logged in at the calling phone, and say so.

    ```yaml
    pause:
      type: presence
      state: not_ready      # ready, ready_once, not_ready, wrap_up_done, logged_out
      say: agent_choose_reason
      reasons: {1: break, 2: meal, 3: training}
      reason: break         # when no key was pressed, or only wrong ones
      done_say: agent_not_ready
      next: end
    ```
    """

    type: Literal["presence"]
    state: Literal["ready", "ready_once", "not_ready", "wrap_up_done", "logged_out"]
    say: Say = ()
    reasons: dict[Keys, Name] = Field(default_factory=dict)
    reason: Name = ""
    done_say: Say = ()
    refused_say: Say = (Part(prompt="agent_refused"),)
    refused: Target = ""
    next: Target = END

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next)
        if self.refused:
            yield Exit(("refused",), self.refused, "refused", "world")
        yield from super().exits()

    def says(self) -> Iterator[tuple[Path, Say]]:
        if self.reasons:
            yield from super().says()
        yield ("done_say",), self.done_say
        yield ("refused_say",), self.refused_say

    def question(self, turn: Turn, phase: str) -> Question:
        return Question(
            keys=frozenset(self.reasons),
            first_s=self.first_digit_s,
            inter_s=self.inter_digit_s,
            barge_in=self.barge_in,
            flush=self.flush,
        )

    def enter(self, turn: Turn) -> str | None:
        return super().enter(turn) if self.reasons else self._change(turn, self.reason)

    def accept(self, turn: Turn, phase: str, digits: str) -> str | None:
        turn.forget_attempts()
        return self._change(turn, self.reasons[digits])

    def again(self, turn: Turn, phase: str, why: str, before: tuple[str, ...] = ()) -> str | None:
        if self.reason and (why == "no_input" or self.is_lost(turn, why)):
            turn.forget_attempts()
            return self._change(turn, self.reason)
        return super().again(turn, phase, why, before)

    def _change(self, turn: Turn, reason: str) -> str | None:
        ref, contact = turn.refs(), str(turn.session.call.get("ani", ""))
        turn.wait("presence", ref, ANSWER_LIMIT_S)
        turn.orders.append(ChangePresence(ref, "", self.state, reason, contact))
        return None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        wait = turn.session.wait
        if wait["for"] == "digits":
            return super().resume(turn, signal)
        if wait["for"] == "say":
            return self.next if announced(turn, signal) else None
        if not isinstance(signal, PresenceAnswered):
            raise StepFault("the floor did not answer")
        if not signal.ok and self.refused:
            return self.refused
        words = self.done_say if signal.ok else self.refused_say
        return self.next if announce(turn, turn.sounds(words), barge_in=False) else None
