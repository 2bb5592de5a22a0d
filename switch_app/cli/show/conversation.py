"""A simulated call on a terminal: what is said and done, and a person's moves."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...core import facts as f
from ...core.flow.simulation.call import SimulatedCall
from . import plain

HELP = "keys (12#) | nothing or seconds (wait 5) | queue answered|timeout|empty|full | hangup"
SILENCE_S = 5.0
BETWEEN_KEYS_S = 0.1
END_S = 600.0  # virtual


class Conversation:
    """Takes moves as text and tells what comes of each. A move that is not understood changes nothing."""

    def __init__(self, call: SimulatedCall, say: Callable[[str], None]) -> None:
        self._call, self._say = call, say
        self._said = self._told = 0
        self._show()

    @property
    def over(self) -> bool:
        return self._call.ended is not None

    def take(self, move: str) -> None:
        """One move, see HELP."""
        move = move.strip()
        queue = re.fullmatch(r"queue (answered|timeout|empty|full)", move)
        wait = re.fullmatch(r"(?:wait (\d+(?:\.\d+)?))?", move)
        if self.over:
            self._say(f"  the call has ended; not done: {move}")
        elif re.fullmatch(r"[0-9*#A-D]+", move):
            self._press(move)
        elif move == "hangup":
            self._call.hang_up()
        elif queue and self._call.waiting_queue():
            self._call.end_queue(queue[1])
        elif wait:
            self._call.run(lambda: False, float(wait[1] or SILENCE_S))
        else:
            self._say(f"  not possible now. {HELP}")
        self._show()

    def close(self) -> None:
        """Let the call run out."""
        self._call.run(lambda: self._call.waiting_queue() is not None, END_S)
        self._show()
        queue = self._call.waiting_queue()
        self._say(f"= {self._call.ended or (f'waiting in {queue.queue}' if queue else 'still running')}")

    def _press(self, digits: str) -> None:
        for digit in digits:
            self._call.run(lambda: False, BETWEEN_KEYS_S)
            self._call.press(digit)

    def _show(self) -> None:
        self._call.run(lambda: False, BETWEEN_KEYS_S)
        for fact in self._call.facts[self._told :]:
            if isinstance(fact, f.StepEntered):
                self._say(f"[{fact.flow}: {fact.step}, {fact.type}]")
            elif isinstance(fact, f.StepFailed):
                self._say(f"! {fact.step}: {plain(fact.problem)} -> {fact.to}")
            elif isinstance(fact, f.RequestFailed):
                self._say(f"! {fact.step}: {fact.host}: {fact.reason} {fact.status or ''}".rstrip())
        for heard in self._call.heard[self._said :]:
            self._say(f"  {heard.language or '--'}  {heard.name}: {heard.text}".rstrip(": "))
        self._told, self._said = len(self._call.facts), len(self._call.heard)
