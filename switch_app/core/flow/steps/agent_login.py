"""agent_login: an agent logs in from the phone that calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ... import orders as o
from ...signals import PinChecked, PresenceAnswered
from ..announce import announce, announced
from ..ask import Question
from ..fault import StepFault
from ..requests import ChangePresence
from ..turn import Turn
from .asking import AskingStep, Sounds
from .base import END, Exit, Part, Path, Say, Target

CHECK_LIMIT_S = 5.0
NUMBER, PIN = "_agent", "_pin"


class AgentLoginStep(AskingStep):
    """Ask for agent number and PIN; the phone that calls becomes the agent's contact.

    ```yaml
    log_in:
      type: agent_login
      say: agent_enter_number
      pin_say: agent_enter_pin
      next: end
      no_input: bye
    ```
    """

    type: Literal["agent_login"]
    say: Say = (Part(prompt="agent_enter_number"),)
    pin_say: Say = (Part(prompt="agent_enter_pin"),)
    wrong_say: Say = (Part(prompt="agent_wrong_login"),)
    done_say: Say = (Part(prompt="agent_logged_in"),)
    refused_say: Say = (Part(prompt="agent_refused"),)
    next: Target = END

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next, by="keys")
        yield from super().exits()

    def says(self) -> Iterator[tuple[Path, Say]]:
        yield from super().says()
        for name in ("pin_say", "wrong_say", "done_say", "refused_say"):
            yield (name,), getattr(self, name)

    def question(self, turn: Turn, phase: str) -> Question:
        return Question(
            least=1,
            most=12,
            first_s=self.first_digit_s,
            inter_s=self.inter_digit_s,
            barge_in=self.barge_in,
            flush=self.flush and phase == "entry",
            secret=phase == "pin",
        )

    def sounds(self, turn: Turn, phase: str) -> Sounds:
        return turn.sounds(self.pin_say if phase == "pin" else self.say)

    def resume(self, turn: Turn, signal: Any) -> str | None:
        match turn.session.wait["for"]:
            case "digits":
                return super().resume(turn, signal)
            case "pin_check":
                return self._checked(turn, signal)
            case "presence":
                return self._present(turn, signal)
            case _:
                return self.next if announced(turn, signal) else None

    def accept(self, turn: Turn, phase: str, digits: str) -> str | None:
        if phase == "entry":
            turn.session.secrets[NUMBER] = digits
            return self.ask(turn, "pin")
        ref = turn.refs()
        turn.wait("pin_check", ref, CHECK_LIMIT_S)
        turn.orders.append(o.CheckPin(ref, turn.session.secrets.get(NUMBER, ""), digits))
        return None

    def _checked(self, turn: Turn, signal: Any) -> str | None:
        number = turn.session.secrets.pop(NUMBER, "")
        if not isinstance(signal, PinChecked):
            raise StepFault("the check of the PIN did not come back")
        if not signal.ok:
            turn.session.typed = ""
            return self.again(turn, "entry", "invalid", before=turn.sounds(self.wrong_say))
        turn.forget_attempts()
        ref, contact = turn.refs(), str(turn.session.call.get("ani", ""))
        turn.set_variable("agent", signal.agent or number)
        turn.wait("presence", ref, CHECK_LIMIT_S)
        turn.orders.append(ChangePresence(ref, signal.agent or number, "logged_in", "", contact))
        return None

    def _present(self, turn: Turn, signal: Any) -> str | None:
        if not isinstance(signal, PresenceAnswered):
            raise StepFault("the floor did not answer")
        words = self.done_say if signal.ok else self.refused_say
        return self.next if announce(turn, turn.sounds(words), barge_in=False) else None
