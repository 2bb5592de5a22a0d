"""The demo's actors: an agent at a phone, a caller on a line. Each is a small state machine on a Stage."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from .demo_plans import CallPlan, draw_manner
from .phone import Phone
from .running import Event, PhoneError
from .stage import Stage

LONGEST_CALL_S = 420.0
TRY_AGAIN_S = 5.0
MOST_FAILURES = 20
_NUMBER = re.compile(r"sips?:([^@>;]+)@")


class DemoAgent:
    """Logs in by keypad, takes calls, takes breaks. tell_served(number, agent): a caller was answered."""

    def __init__(
        self,
        stage: Stage,
        phone: Phone,
        log_in: tuple[str, str],
        rng: random.Random,
        tell_served: Callable[[str, DemoAgent], None],
    ) -> None:
        """log_in: agent number and PIN."""
        self.number, self._pin = log_in
        self._stage, self._phone, self._rng = stage, phone, rng
        self._manner = draw_manner(rng)
        self._tell_served = tell_served
        self._codes: list[tuple[str, str]] = []  # keypad codes still to be dialled, with what to press
        self._dialling = ""  # the code that is being dialled now
        self._failures = 0  # in a row, of dialling it
        self._caller, self._served = "", False  # who rings or talks, and whether answered
        self._calls = 0
        stage.on(phone.line, self.hears)

    def begin(self) -> None:
        """Register and go to work; tried again while the switch is away."""
        try:
            self._phone.register()
        except PhoneError:
            self._stage.after(TRY_AGAIN_S, self.begin)
            raise
        self._dial(("*11", f"{self.number}#{self._pin}#"), ("*12", ""))

    def speak_with(self, voice: Path) -> None:
        self._phone.play(voice, loop=True)

    def hang_up(self) -> None:
        if self._caller:
            self._phone.hangup()

    def hears(self, event: Event) -> None:
        match event["event"]:
            case "incoming":
                self._offered(event)
            case "confirmed" if self._dialling:
                keys, self._failures = self._codes[0][1], 0
                if keys:
                    self._stage.after(1.0, lambda: self._phone.digits(keys))
            case "confirmed" if self._caller:
                self._served = True
                self._tell_served(self._caller, self)
            case "disconnected" if self._dialling:
                self._code_dialled(event["code"])
            case "disconnected" if self._caller:
                self._parted()

    # --- inside ---------------------------------------------------------------------------------------------
    def _dial(self, *codes: tuple[str, str]) -> None:
        self._codes += codes
        self._next_code()

    def _next_code(self) -> None:
        if self._codes and not self._phone.in_call:
            self._dialling = self._codes[0][0]
            self._phone.call(self._dialling)

    def _offered(self, event: Event) -> None:
        found = _NUMBER.search(event["from"])
        self._caller, self._served = found[1] if found else "?", False
        fate = self._rng.random()
        if fate < self._manner.declines:
            self._stage.after(1.0, lambda: self._phone.reject(486))
        elif fate > self._manner.misses + self._manner.declines:
            self._stage.after(self._manner.answers_in_s, self._answer)

    def _answer(self) -> None:
        if self._caller and self._phone.in_call:
            self._phone.answer()

    def _code_dialled(self, sip_code: int) -> None:
        self._dialling = ""
        if sip_code != 200 and self._failures < MOST_FAILURES:
            self._failures += 1
            self._stage.after(TRY_AGAIN_S, self._next_code)
            return
        self._failures = 0
        self._codes.pop(0)
        self._stage.after(1.0, self._next_code)

    def _parted(self) -> None:
        self._caller = ""
        self._calls += 1
        self._stage.after(self._manner.wrap_up_s, self._wrapped_up)

    def _wrapped_up(self) -> None:
        if self._calls % self._manner.calls_to_break == 0:
            self._dial(("*13", self._rng.choice("1234")))
            self._stage.after(self._manner.break_s, lambda: self._dial(("*12", "")))
        elif not self._phone.in_call:
            # who missed a call may not be ready any more, and has no wrap-up to end
            self._dial((self._manner.code_after_wrap_up if self._served else "*12", ""))


class DemoCaller:
    """One line, one call after the other. done(number): the line is free again."""

    def __init__(
        self, stage: Stage, phone: Phone, voice: Path, done: Callable[[DemoCaller, CallPlan], None]
    ) -> None:
        self._stage, self._phone, self._voice, self._done = stage, phone, voice, done
        self._plan: CallPlan | None = None
        self._served = False
        self._turn = 0  # of this line's calls: what was planned for an earlier one is void
        stage.on(phone.line, self.hears)

    def begin(self, plan: CallPlan) -> None:
        self._plan, self._served = plan, False
        self._turn += 1
        self._phone.play(self._voice, loop=True)
        self._phone.call(plan.dial, number=plan.number, name=plan.name)
        self._later(plan.patience_s, self._lose_patience)
        self._later(LONGEST_CALL_S, self._phone.hangup)

    def served(self, agent: DemoAgent) -> None:
        """An agent has answered: talk, then one of the two hangs up."""
        assert self._plan is not None
        self._served = True
        self._later(self._plan.talk_s, self._phone.hangup if self._plan.caller_hangs_up else agent.hang_up)

    def hears(self, event: Event) -> None:
        if event["event"] == "confirmed" and self._plan:
            self._press(self._plan.keys)
        elif event["event"] in ("disconnected", "lost") and self._plan:
            plan, self._plan = self._plan, None
            self._turn += 1
            self._done(self, plan)

    def _press(self, keys: tuple[tuple[float, str], ...]) -> None:
        if not keys:
            return
        (pause_s, key), rest = keys[0], keys[1:]

        def press() -> None:
            if key == "hang up":
                self._phone.hangup()
                return
            self._phone.digits(key)
            self._press(rest)

        self._later(pause_s, press)

    def _lose_patience(self) -> None:
        if not self._served:
            self._phone.hangup()

    def _later(self, seconds: float, deed: Callable[[], None]) -> None:
        turn = self._turn

        def unless_over() -> None:
            if self._turn == turn:
                deed()

        self._stage.after(seconds, unless_over)
