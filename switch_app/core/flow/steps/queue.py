"""queue: wait for an agent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .. import expressions
from ..fault import StepFault
from ..requests import EnterQueue, QueueEnded
from ..turn import Turn
from .base import END, KEY, Exit, Expression, Name, Path, Say, Step, Target, Text

HIGHEST_PRIORITY = 1000
Key = Annotated[str, StringConstraints(pattern=KEY)]


class QueueStep(Step):
    """Queue the caller; music and announcements are the queue's own (conf/queues.yml). The wait begins with
    the step: the words are said in the queue, a free agent is offered at once, and cuts them by answering.

    ```yaml
    sales_queue:
      type: queue
      queue: sales
      say: hold_for_agent       # the first words of the wait
      busy_say: [agents_busy, wait_choice]   # instead, when no agent is ready
      needs: "sales >= 3 and {{ 'mandarin' if language == 'zh' else 'english' }}"
      priority: "10 if customer.tier == 'gold' else 0"
      boost_s: 0
      position_say: wait_choice # behind each announcement of the position: going on is a choice
      leave_keys: {9: leave_message}
      timeout: leave_message    # nobody took it in time
      empty: leave_message      # nobody is logged in
      full: leave_message
      answered: end             # after the talk
    ```
    """

    type: Literal["queue"]
    queue: Name
    needs: Text = ""
    priority: Expression = "0"
    boost_s: Expression = "0"
    say: Say = ()  # said at the start of the wait
    busy_say: Say = ()  # instead of say, when no agent of the queue is ready
    position_say: Say = ()  # behind each announcement of the position
    leave_keys: dict[Key, Target] = Field(default_factory=dict)
    answered: Target = END
    timeout: Target = ""
    empty: Target = ""
    full: Target = ""

    def exits(self) -> Iterator[Exit]:
        yield Exit(("answered",), self.answered, "answered", "world")
        for name in ("timeout", "empty", "full"):
            if getattr(self, name):
                yield Exit((name,), getattr(self, name), name, "world")
        for key, target in self.leave_keys.items():
            yield Exit(("leave_keys", key), target, key, "keys")

    def says(self) -> Iterator[tuple[Path, Say]]:
        yield from super().says()
        yield ("busy_say",), self.busy_say
        yield ("position_say",), self.position_say

    def expressions(self) -> Iterator[tuple[Path, str]]:
        yield ("priority",), self.priority
        yield ("boost_s",), self.boost_s

    def enter(self, turn: Turn) -> str | None:
        turn.answer()
        words = self.busy_say if self.busy_say and not self._is_ready(turn) else self.say
        turn.session.typed = ""
        return self._queue(turn, turn.sounds(words) if words else ())

    def _is_ready(self, turn: Turn) -> bool:
        figures = turn.world.queues.get(self.queue)
        return bool(figures and figures.ready)

    def _queue(self, turn: Turn, words: tuple[str, ...]) -> str | None:
        request = EnterQueue(
            queue=self.queue,
            needs=turn.text(self.needs),
            priority=int(_number(turn.value(self.priority), HIGHEST_PRIORITY)),
            boost_s=_number(turn.value(self.boost_s), 86_400),
            leave_keys="".join(self.leave_keys),
            language=turn.session.language,
            customer=str((turn.session.customer or {}).get("number", "")),
            words=words,
            position_words=turn.sounds(self.position_say) if self.position_say else (),
        )
        turn.wait("queue", deaf=True)
        turn.orders.append(request)
        return None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        if not isinstance(signal, QueueEnded):
            return None
        if signal.outcome == "answered":
            return self.answered
        if signal.outcome == "left":
            return self.leave_keys.get(signal.digit) or self._unserved(turn, signal.outcome)
        return self._unserved(turn, signal.outcome)

    def _unserved(self, turn: Turn, outcome: str) -> str:
        target = getattr(self, outcome, "") or self.timeout
        if not target:
            raise StepFault(f"the queue {self.queue} ended with {outcome}, and no step to go to")
        return target


def _number(value: Any, most: float) -> float:
    """Of an expression's value, within 0..most; 0 of what is no number and no digits."""
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or expressions.is_digits(value)):
        return 0.0
    return max(0.0, min(float(value), most))
