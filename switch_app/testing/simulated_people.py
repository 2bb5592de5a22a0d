"""Callers with wishes and patience, and agents with phones; each does what people do, by a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from switch_app.core.errors import Refused

from .simulated_switch import Leg, SimulatedSwitch

# What is pressed after a prompt: its name -> (keys, weight)
KEYS: dict[str, tuple[tuple[str, int], ...]] = {
    "language_menu": (("1", 6), ("2", 4)),
    "main_menu": (("1", 30), ("2", 30), ("3", 15), ("4", 6), ("0", 14), ("5", 3), ("7", 2)),
    "wait_choice": (("", 20), ("1", 1), ("2", 1)),
    "account_enter": (("88010001#", 4), ("99999999#", 2), ("123#", 1), ("88010002", 1)),
    "confirm": (("1", 4), ("2", 1)),
    "after_balance": (("1", 1), ("2", 2), ("0", 2)),
    "out_of_hours_menu": (("1", 3), ("2", 2), ("", 1)),
    "agent_choose_reason": (("1", 2), ("2", 1), ("", 1)),
    "agent_enter_number": (("{agent}#", 9), ("9#", 1)),
    "agent_enter_pin": (("{pin}#", 9), ("0#", 1)),
}
HOLDS = 0.25  # share of talks in which a phone holds
NOISE = ("9", "##", "12345678901234567890", "*", "A", "1" * 200)


def name_of(sound: str) -> str:
    """The prompt of a sound's file: zh/main_menu-1a2b3c4d.wav -> main_menu."""
    return sound.rpartition("/")[2].rpartition("-")[0]


class Caller:
    """Somebody who calls: reacts to what is heard, loses patience, talks, hangs up at any moment."""

    def __init__(self, switch: SimulatedSwitch, random: Random, talk_s: float, patience_s: float) -> None:
        self.switch, self.random = switch, random
        self._talk_s = talk_s
        self._known = {"{agent}": "", "{pin}": ""}
        self._patience_s = patience_s
        self._clumsy = random.random() < 0.1
        self.message_s = random.choice((0.0, 0.5, 3.0, 20.0, 200.0))

    def comes(self, leg: Leg) -> None:
        """The call begins; and the moment at which it ends at the latest is chosen."""
        some = self.random.random()
        if some < 0.05:
            left_s = self.random.uniform(0.0, 0.3)
        elif some < 0.2:
            left_s = self.random.uniform(0.3, 30.0)
        else:
            left_s = self.random.expovariate(1 / self._patience_s) + 20.0
        self._leave_in(leg, left_s, waiting=True)
        self.switch.call_in(leg)

    def _leave_in(self, leg: Leg, after_s: float, waiting: bool = False) -> None:
        self.switch.clock.call_later(after_s, self._leave, leg, waiting)

    def _leave(self, leg: Leg, waiting: bool) -> None:
        if waiting and leg.at == "bridge":
            return  # at last somebody is there: the talk has its own end
        self.switch.end(leg, "normal", "caller")

    def rings(self, leg: Leg) -> None:
        """A caller's phone is not called."""

    def hears(self, leg: Leg, sounds: tuple[str, ...]) -> None:
        for sound in reversed(sounds):
            keys = KEYS.get(name_of(sound))
            if keys:
                self._press_later(leg, self.random.choices([k for k, _ in keys], [w for _, w in keys])[0])
                break
        if self._clumsy and self.random.random() < 0.3:
            self._press_later(leg, self.random.choice(NOISE))

    def _press_later(self, leg: Leg, keys: str) -> None:
        for mark, value in self._known.items():
            keys = keys.replace(mark, value)
        at_s = self.random.uniform(0.1, 7.0)
        for key in keys if self.random.random() < 0.9 else "":
            self.switch.clock.call_later(at_s, self.switch.press, leg, key)
            at_s += self.random.uniform(0.05, 0.6)

    def talks(self, leg: Leg) -> None:
        self._leave_in(leg, self.random.expovariate(1 / self._talk_s))
        holds(self.switch, self.random, leg)

    def gone(self, leg: Leg) -> None:
        """The call is over."""


class OwnCall(Caller):
    """An agent at the keypad: a call to one of the codes."""

    def __init__(self, switch: SimulatedSwitch, random: Random, agent: str, pin: str) -> None:
        super().__init__(switch, random, 1.0, 30.0)
        self._known = {"{agent}": agent, "{pin}": pin}


class PhoneOwner:
    """Somebody whose phone is called: answers as a rule; busy, away, unplugged or too late now and then."""

    def __init__(self, switch: SimulatedSwitch, random: Random, talk_s: float) -> None:
        self.switch, self.random = switch, random
        self.message_s = 0.0
        self._talk_s = talk_s

    def rings(self, leg: Leg) -> None:
        some, later = self.random.random(), self.switch.clock.call_later
        if some < 0.86:
            later(self.random.uniform(0.2, 8.0), self._pick_up, leg)
        elif some < 0.91:
            later(
                self.random.uniform(0.05, 6.0),
                self._end_ringing,
                leg,
                self.random.choice(("busy", "rejected")),
            )
        elif some < 0.93:
            later(self.random.uniform(0.1, 3.0), self._end_ringing, leg, "unreachable")
        elif some < 0.97:
            later(self.random.uniform(0.2, 8.0), self._pick_up, leg)
            later(self.random.uniform(0.2, 8.2), self._hang_up, leg)
        elif some < 0.99:
            later(leg_limit(self.random), self._pick_up, leg)

    def _pick_up(self, leg: Leg) -> None:
        if self._plugged(leg):
            self.switch.pick_up(leg)

    def _end_ringing(self, leg: Leg, reason: str) -> None:
        if leg.at == "ringing":
            self.switch.end(leg, reason, "agent")

    def _hang_up(self, leg: Leg) -> None:
        if self._plugged(leg):
            self.switch.end(leg, "normal", "agent")

    def _plugged(self, leg: Leg) -> bool:
        phone = self.switch.phones.get(leg.number)
        return phone is not None and phone.registered

    def hears(self, leg: Leg, sounds: tuple[str, ...]) -> None:
        """Nothing is played to an agent."""

    def talks(self, leg: Leg) -> None:
        self.switch.clock.call_later(self.random.expovariate(1 / self._talk_s), self._hang_up, leg)
        holds(self.switch, self.random, leg)

    def gone(self, leg: Leg) -> None:
        """The call is over."""


class Agent(PhoneOwner):
    """An agent, who also changes presence now and then, by desk or keypad, from the own phone or another."""

    def __init__(
        self,
        switch: SimulatedSwitch,
        random: Random,
        number: str,
        talk_s: float,
        desk: Callable[..., Any],
        keypad: Callable[[Agent, str], None],
        state_of: Callable[[str], str],
    ) -> None:
        super().__init__(switch, random, talk_s)
        self.number = self.phone = number
        self._desk, self._keypad, self._state_of = desk, keypad, state_of

    def acts(self) -> None:
        """Change something, as an agent in this state would."""
        state = self._state_of(self.number)
        some = self.random.random()
        if state == "logged_out":
            others = [number for number in self.switch.phones if number.startswith("10")]
            self.phone = self.number if some < 0.9 else self.random.choice(others)
            self._ask("logged_in", "*11")
        elif state == "not_ready":
            self._ask(*self.random.choice((("ready", "*12"), ("ready", "*12"), ("ready_once", "*16"))))
        elif state == "wrap_up" and some < 0.5:
            self._ask("wrap_up_done", "*15")
        elif some < 0.5:
            wish = self.random.choice(
                (
                    ("not_ready", "*13"),
                    ("not_ready", "*13"),
                    ("ready_once", "*16"),
                    ("ready", "*12"),
                    ("logged_out", "*14"),
                )
            )
            self._ask(*wish)

    def _ask(self, state: str, code: str) -> None:
        if self.random.random() < 0.4:
            self._keypad(self, code)
            return
        try:
            self._desk(self.number, state, "break" if state == "not_ready" else "", self.phone)
        except Refused:
            return


def holds(switch: SimulatedSwitch, random: Random, leg: Leg) -> None:
    """Once or twice in some talks, for a moment or up to the end."""
    if random.random() > HOLDS:
        return
    at_s = 0.0
    for _ in range(random.choice((1, 1, 2))):
        at_s += random.expovariate(1 / 10.0)
        switch.clock.call_later(at_s, switch.hold, leg, True)
        at_s += random.choice((0.01, random.expovariate(1 / 20.0), 600.0))
        switch.clock.call_later(at_s, switch.hold, leg, False)


def leg_limit(random: Random) -> float:
    """An answer at about the moment at which the ringing ends."""
    return 20.0 + random.uniform(-0.05, 0.05)
