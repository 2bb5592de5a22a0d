"""The first call: welcome, language, menu by key, queue; the session is re-serialised at each wait."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow import interpreter
from switch_app.core.flow.interpreter import Turnout
from switch_app.core.flow.requests import ChangePresence, EnterQueue, QueueEnded
from switch_app.core.flow.session import Session
from switch_app.core.world import LocalTime, World
from switch_app.flowfiles.library import load_all

LIBRARY = load_all(Path(__file__).parents[2] / "ivr_flows")
WORLD = World(LocalTime("2026-11-23T10:00:00+08:00", "2026-11-23", 1, 600), flows=LIBRARY.by_hash)


class Line:
    """A call held by hand: each signal goes to a session that has been through JSON."""

    def __init__(self, flow: str, ani: str = "13800000000") -> None:
        counter = itertools.count(1)
        self.refs = lambda: f"r{next(counter)}"
        self.now = 1000.0
        version = LIBRARY.flows[flow].version
        call = {"interaction": "i1", "ani": ani, "dnis": "4000", "name": ""}
        self.facts: list[Any] = []
        self.last = self._took(interpreter.begin(version, "leg", call, WORLD, self.now, self.refs))

    def _took(self, turnout: Turnout) -> Turnout:
        self.facts += turnout.facts
        return turnout

    def tell(self, signal: Any) -> Turnout:
        session = Session.from_plain(json.loads(json.dumps(self.last.session.to_plain(reveal=True))))
        assert session == self.last.session
        self.last = self._took(interpreter.resume(session, signal, WORLD, self.now, self.refs))
        return self.last

    def press(self, digits: str) -> Turnout:
        for digit in digits:
            self.tell(s.DigitPressed("leg", digit))
        return self.last

    def ordered(self, kind: type) -> Any:
        return next((order for order in self.last.orders if isinstance(order, kind)), None)

    def played(self) -> Turnout:
        return self.tell(s.PlayEnded(self.last.session.wait["ref"], "done"))


def test_a_digit_leads_to_the_queue() -> None:
    line = Line("main")
    assert isinstance(line.last.orders[0], o.Answer)
    line.played()
    line.press("1")
    assert f.LanguageChosen("zh") in line.facts
    line.press("2")
    assert f.DigitsCollected("main_menu", "2", True) in line.last.facts
    line.played()
    assert line.ordered(EnterQueue).queue == "support"
    assert line.last.ended is None
    line.tell(QueueEnded("answered"))
    assert line.last.ended == "completed"
    assert line.last.orders == [o.HangUp("leg")]
    assert f.FlowEnded("completed") in line.last.facts


def test_digits_typed_ahead_skip_what_is_said() -> None:
    line = Line("main")
    line.press("21")
    assert f.LanguageChosen("en") in line.facts
    assert line.last.session.step == "sales"


def test_stale_signals_change_nothing() -> None:
    line = Line("main")
    before = line.last.session
    for stale in (s.PlayEnded("other", "done"), s.TimerFired("flow-other"), s.DigitPressed("elsewhere", "1"),
                  QueueEnded("answered"), s.PinChecked("", True), s.DigitPressed("leg", "\n"), s.LegEnded("x", "normal")):  # fmt: skip
        turnout = line.tell(stale)
        assert (turnout.session, turnout.facts, turnout.orders, turnout.ended) == (before, [], [], None)


def test_an_agent_logs_in_by_keypad() -> None:
    line = Line("agent_log_in", ani="1001")
    line.press("1001#")
    assert o.ShieldDigits("leg", True) in line.last.orders
    line.press("4711#")
    assert o.ShieldDigits("leg", False) in line.last.orders
    check = line.ordered(o.CheckPin)
    assert (check.agent, check.pin) == ("1001", "4711")
    assert "4711" not in str(line.facts)
    line.tell(s.PinChecked(check.ref, True, "1001"))
    change = line.ordered(ChangePresence)
    assert (change.agent, change.state, change.contact) == ("1001", "logged_in", "1001")
    line.tell(s.PresenceAnswered(change.ref, True, "not_ready"))
    line.played()
    assert line.last.ended == "completed"
