"""The contract's world without SIP and sound: ScriptedSwitch, and people with a phone's methods."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from centre import free_port
from contract_application import Address, Application
from contract_hub import HubThread
from contract_worlds import AGENTS, CALLER, ESL_PASSWORD, World

from switch_app.testing.scripted_leg import Leg
from switch_app.testing.scripted_switch import ScriptedPhone, ScriptedSwitch

KEY_S = 0.025  # between two keys
WAIT_S = 5.0
QUIET_S = LAG_S = 0.04


class ScriptedPerson:
    """What the scenarios use of phones.Phone."""

    def __init__(self, hub: HubThread, switch: ScriptedSwitch, line: str) -> None:
        self.line, self.in_call = line, False
        self.events: list[dict[str, Any]] = []
        self._hub, self._switch, self._read = hub, switch, 0
        self._changed = threading.Condition()
        self._leg: Leg | None = None
        self._phone = switch.phones.get(line)
        if self._phone is not None:
            self._phone.happens = self._happens

    def _happens(self, event: str, **details: Any) -> None:
        with self._changed:
            if event in ("incoming", "confirmed", "disconnected"):
                self.in_call = event != "disconnected"
            self.events.append({"event": event, **details})
            self._changed.notify_all()

    @property
    def leg(self) -> Leg:
        leg = self._phone.leg if self._phone is not None else self._leg
        assert leg is not None
        return leg

    # --- calls ------------------------------------------------------------------------------------------
    def call(self, target: str, number: str = "", name: str = "") -> None:
        def called() -> None:
            self._leg = self._switch.arrives(number or self.line, target, name)
            self._leg.happens = self._happens

        self.in_call = True
        self._hub.run(called)

    def answer(self) -> None:
        self._decide(200)

    def reject(self, code: int = 486) -> None:
        self._decide(code)

    def _decide(self, code: int) -> None:
        assert self._phone is not None and self._phone.decide is not None
        self._hub.run(partial(self._phone.decide, code))

    def behave(self, answer_after_s: float | None = None, reject_with: int = 0) -> None:
        assert self._phone is not None
        self._phone.answer_after_s, self._phone.reject_with = answer_after_s, reject_with

    def hangup(self) -> None:
        self._hub.run(self.leg.hang_up)

    def hold(self) -> None:
        self._hub.run(partial(self.leg.hold, True))

    def resume(self) -> None:
        self._hub.run(partial(self.leg.hold, False))

    def unplug(self) -> None:
        assert self._phone is not None
        self._phone.reachable = False

    def freeze(self) -> None:
        assert self._phone is not None
        self._phone.silent = True

    def digits(self, digits: str) -> None:
        def press() -> None:
            for place, digit in enumerate(digits):
                gevent.spawn_later(place * KEY_S, self.leg.press, digit)

        self._hub.run(press)

    # --- what it is told --------------------------------------------------------------------------------
    def wait_for(self, kind: str | tuple[str, ...], timeout_s: float = WAIT_S) -> dict[str, Any]:
        kinds = (kind,) if isinstance(kind, str) else kind
        with self._changed:
            assert self._changed.wait_for(partial(self._has, kinds), timeout_s), f"{self.line}: no {kinds}; {self.events}"
            while True:
                event = self.events[self._read]
                self._read += 1
                if event["event"] in kinds:
                    return event

    def _has(self, kinds: tuple[str, ...]) -> bool:
        return any(event["event"] in kinds for event in self.events[self._read :])

    def wait_until(self, holds: Callable[[Any], bool], timeout_s: float = WAIT_S, what: str = "") -> None:
        deadline = time.monotonic() + timeout_s
        while not holds(self):
            assert time.monotonic() < deadline, what
            time.sleep(0.005)

    def seen(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def skip(self) -> None:
        self._read = len(self.events)

    # --- what is not to be heard here -------------------------------------------------------------------
    def play_tone(self, hz: int) -> None: ...
    def record_to(self, path: Path) -> None: ...
    def register(self) -> None: ...


class ScriptedWorld(World):
    """Fast: what phones and FreeSWITCH do in tens of milliseconds takes a few here."""

    name = "scripted"
    audible = sip = False
    ring_s = max_s = 1.0
    said_s, silence_s = 0.2, 0.2

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sounds, self.var = folder / "sounds", folder / "var"
        for path in (self.sounds, self.var):
            path.mkdir(parents=True)
        self.esl_port, self.app_port = (free_port(socket.SOCK_STREAM) for _ in range(2))
        self._hub = HubThread("scripted switch")
        self.switch = self._hub.run(
            lambda: ScriptedSwitch(ESL_PASSWORD, ("127.0.0.1", self.app_port), self.esl_port, interlude_s=0.1)
        )
        self._people: dict[str, ScriptedPerson] = {}
        for number in AGENTS:
            self.switch.phones[number] = ScriptedPhone(registered=False)

    def application(self, address: Address | None = None) -> Application:
        return Application(address or self.address, self.sounds, self.var, QUIET_S, LAG_S)

    def start(self) -> None:
        self._hub.run(self.switch.start)

    def stop(self) -> None:
        self._hub.run(self.switch.stop)
        self._hub.stop()

    def kill(self) -> None:
        self._hub.run(self.switch.die)

    def close(self) -> None:
        self.stop()

    def log_tail(self) -> str:
        return "\n".join(command.line for command in self.switch.commands[-20:])

    def caller(self, number: str = CALLER) -> Any:
        return self._person(number)

    def agent(self, number: str = "1001", **behaviour: Any) -> Any:
        self.switch.phones[number].registered = True
        person = self._person(number)
        person.behave(**behaviour)
        person.skip()
        return person

    def lonely_agent(self, number: str = "1003") -> Any:
        return self.agent(number)

    def renew_phones(self) -> None:
        self._people.clear()

    def _person(self, number: str) -> ScriptedPerson:
        if number not in self._people:
            self._people[number] = ScriptedPerson(self._hub, self.switch, number)
        return self._people[number]

    def heard_by(self, phone: Any) -> str:
        """The sound that the phone's leg plays now."""
        return str(phone.leg.sound)

    def speak(self, phone: Any, seconds: float) -> None:
        time.sleep(seconds)

    def hush(self, phone: Any) -> float:
        self._hub.run(partial(phone.leg.speak, False))
        return time.monotonic()

    def api(self, name: str, args: str = "") -> str:
        from switch_app.testing.scripted_commands import COMMANDS

        return self._hub.run(lambda: COMMANDS[name](self.switch, args)).strip()

    def take_no_calls(self, on: bool) -> None:
        if on:
            self.switch.script["originate"] = lambda args: "-ERR DESTINATION_OUT_OF_ORDER\n"
        else:
            del self.switch.script["originate"]

    def legs(self) -> list[str]:
        return [row["uuid"] for row in json.loads(self.api("show", "channels as json")).get("rows", [])]

    def clear(self) -> None:
        self.api("hupall")
        for number in AGENTS:
            self.switch.phones[number].reachable, self.switch.phones[number].silent = True, False
        overlaps, self.switch.overlaps = self.switch.overlaps, []
        assert overlaps == [], f"two sounds at once on one leg: {overlaps}"
