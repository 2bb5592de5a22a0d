"""A call held by hand: signals go in, facts and orders come out; the session passes JSON each time."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from textwrap import dedent
from typing import Any

from switch_app.core import signals as s
from switch_app.core.flow import interpreter
from switch_app.core.flow.interpreter import Turnout
from switch_app.core.flow.model import Flow
from switch_app.core.flow.session import Session
from switch_app.core.world import LocalTime, World
from switch_app.flowfiles.flow_file import build_flow, source_of

MONDAY_10 = LocalTime("2026-11-23T10:00:00+08:00", "2026-11-23", 1, 600)
LEG = "leg"


def flow_of(steps: str, head: str = "flow: test\nstart: first", links: dict[str, str] | None = None) -> Flow:
    """A flow of the text of its steps."""
    body = "".join(f"  {line}\n" for line in dedent(steps).strip().splitlines())
    flow, problems = build_flow(source_of(f"{head}\nsteps:\n{body}", "test.yml"), links or {})
    assert flow, problems
    return flow


class Line:
    """facts, orders: all so far. last: the turnout of the last signal."""

    def __init__(self, flow: Flow, *others: Flow, ani: str = "13800000000", **world: Any) -> None:
        flows = {each.version: each for each in (flow, *others)}
        self.world = World(**{"local": MONDAY_10, "flows": flows, **world})
        counter = itertools.count(1)
        self.refs = lambda: f"r{next(counter)}"
        self.now = 1000.0
        call = {"interaction": "i1", "ani": ani, "dnis": "4000", "name": ""}
        self.facts: list[Any] = []
        self.orders: list[Any] = []
        self.took(interpreter.begin(flow.version, LEG, call, self.world, self.now, self.refs))

    def took(self, turnout: Turnout) -> Turnout:
        self.facts += turnout.facts
        self.orders += turnout.orders
        self.last = turnout
        return turnout

    @property
    def session(self) -> Session:
        return self.last.session

    def tell(self, signal: Any) -> Turnout:
        session = Session.from_plain(json.loads(json.dumps(self.session.to_plain(reveal=True))))
        assert session == self.session
        return self.took(interpreter.resume(session, signal, self.world, self.now, self.refs))

    def again(self) -> Turnout:
        return self.took(interpreter.again(self.session, self.world, self.now, self.refs))

    def press(self, digits: str) -> Turnout:
        for digit in digits:
            self.tell(s.DigitPressed(LEG, digit))
        return self.last

    def played(self, result: str = "done") -> Turnout:
        return self.tell(s.PlayEnded(self.session.wait["ref"], result))

    def timeout(self) -> Turnout:
        return self.tell(s.TimerFired(self.session.wait["timer"]))

    def hang_up(self) -> Turnout:
        return self.tell(s.LegEnded(LEG, "normal", by="caller"))

    def ordered(self, kind: type) -> Any:
        """The last turn's order of a kind."""
        found = [order for order in self.last.orders if isinstance(order, kind)]
        assert found, f"no {kind.__name__} in {self.last.orders}"
        return found[0]

    def told(self, kind: type) -> list[Any]:
        """All facts of a kind so far."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def change_world(self, **changes: Any) -> None:
        self.world = replace(self.world, **changes)
