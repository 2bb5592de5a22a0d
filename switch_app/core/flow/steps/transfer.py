"""transfer: connect the caller with another number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from ... import facts as f
from ... import orders as o
from ...signals import TransferBegun, TransferEnded
from .. import template
from ..fault import StepFault
from ..turn import Turn
from .base import END, Exit, Say, Seconds, Step, Target, Text

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
MARGIN_S = 10.0


def _dialled(value: str) -> str:
    if not template.is_template(value) and not _NUMBER.fullmatch(value.strip()):
        raise ValueError(f"{value[:40]!r} cannot be dialled: digits, * and # alone, + before them")
    return value


class TransferStep(Step):
    """Connect the caller with an extension, or with a number through a trunk; then go on.

    ```yaml
    branch_office:
      type: transfer
      say: transferring
      to: "02155501234"
      trunk: office         # of conf/trunks.yml; absent: an extension
      ring_s: 30
      done: end             # after the talk
      failed: operator
      busy: leave_message   # default: failed; likewise no_answer
    ```
    """

    type: Literal["transfer"]
    say: Say = ()
    to: Annotated[Text, AfterValidator(_dialled)]
    trunk: str = ""
    ring_s: Seconds = 30.0
    done: Target = END
    busy: Target = ""
    no_answer: Target = ""
    failed: Target

    def exits(self) -> Iterator[Exit]:
        yield Exit(("done",), self.done, "done", "world")
        for name in ("busy", "no_answer", "failed"):
            if getattr(self, name):
                yield Exit((name,), getattr(self, name), name.replace("_", " "), "world")

    def enter(self, turn: Turn) -> str | None:
        turn.answer()
        if self.say:
            turn.wait("say", turn.play(turn.sounds(self.say)), 60.0)
            return None
        return self._transfer(turn)

    def resume(self, turn: Turn, signal: Any) -> str | None:
        if turn.session.wait["for"] == "say":
            return self._transfer(turn) if not hasattr(signal, "digit") else None
        if isinstance(signal, TransferBegun):
            turn.lift_limit()
            return None
        result = signal.result if isinstance(signal, TransferEnded) else "no_answer"
        turn.facts.append(f.CallTransferred(turn.session.wait["to"], result))
        if result == "done":
            return self.done
        return getattr(self, result, "") or self.failed

    def _transfer(self, turn: Turn) -> str | None:
        to = str(turn.text(self.to)).strip()
        if not _NUMBER.fullmatch(to):
            raise StepFault("the transfer's destination is not a number")
        ref = turn.refs()
        turn.wait("transfer", ref, self.ring_s + MARGIN_S, deaf=True, to=to)
        turn.orders.append(o.TransferLeg(ref, turn.session.leg, to, self.trunk, self.ring_s))
        return None
