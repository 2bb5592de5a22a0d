"""A call to an agent's phone waits for the phone and for the control line, and is made once or given up."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import gevent
import pytest

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.switches import agent_calls
from switch_app.switches.agent_calls import AgentCalls
from switch_app.switches.phones_free import FREE_S

STREAM = "interaction:1"


def order(leg: str, contact: str = "1001", ring_s: float = 20.0) -> o.CallAgent:
    return o.CallAgent(leg, "1", contact, ring_s, "", "")


class Switch:
    """What the calls are made to: its line may be down; a leg that was made is there until it is `over`."""

    def __init__(self) -> None:
        self.is_up, self.legs = True, set[str]()
        self.made: list[str] = []
        self.given_up: list[tuple[str, s.LegEnded]] = []
        self.calls = AgentCalls(
            lambda: self.is_up, lambda: self.legs, self._make, lambda *told: self.given_up.append(told)
        )

    def _make(self, stream: str, order: o.CallAgent) -> None:
        assert stream == STREAM
        self.made.append(order.leg)
        self.legs.add(order.leg)

    def call(self, leg: str, contact: str = "1001", ring_s: float = 20.0) -> None:
        self.calls.call(STREAM, order(leg, contact, ring_s))

    def over(self, leg: str) -> None:
        self.legs.discard(leg)
        self.calls.ended(leg, by_phone=False)


@pytest.fixture
def switch() -> Switch:
    return Switch()


def until(true: Callable[[], object], what: str) -> None:
    end = monotonic() + 5.0
    while not true():
        assert monotonic() < end, what
        gevent.sleep(0.005)


def test_a_free_phone_is_called_at_once(switch: Switch) -> None:
    switch.call("one")
    assert switch.made == ["one"]


def test_a_phone_in_a_call_is_called_when_it_has_heard_the_end(switch: Switch) -> None:
    switch.call("one")
    switch.call("two")
    switch.call("other", "1002")
    assert switch.made == ["one", "other"]
    switch.over("one")
    ended_at = monotonic()
    until(lambda: "two" in switch.made, "the phone is free")
    assert monotonic() - ended_at >= FREE_S * 0.9
    assert switch.made == ["one", "other", "two"]


def test_a_phone_that_stays_in_its_call_is_called_at_last(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_calls, "FREE_AT_LAST_S", 0.05)
    switch.call("one")
    switch.call("two")
    assert switch.made == ["one"]
    until(lambda: "two" in switch.made, "it has waited long enough")
    assert "one" in switch.legs


def test_without_a_line_a_call_waits_for_it(switch: Switch) -> None:
    switch.is_up = False
    switch.call("one")
    assert not switch.made
    switch.is_up = True
    switch.calls.line_up()
    switch.calls.line_up()
    assert switch.made == ["one"] and not switch.given_up


def test_a_line_that_breaks_while_the_phone_is_waited_for(switch: Switch) -> None:
    switch.call("one")
    switch.call("two", ring_s=0.05)
    switch.is_up = False
    switch.over("one")
    until(lambda: switch.given_up, "its time to ring is over")
    assert switch.made == ["one"]
    assert switch.given_up == [(STREAM, s.LegEnded("two", "switch_lost", "NO_CONTROL_LINE"))]


def test_a_call_that_waited_as_long_as_it_would_ring_is_given_up(switch: Switch) -> None:
    switch.is_up = False
    switch.call("one", ring_s=0.01)
    until(lambda: switch.given_up, "its time to ring is over")
    switch.is_up = True
    switch.calls.line_up()
    assert not switch.made, "its leg has ended"


def test_a_dropped_call_is_neither_made_nor_given_up(switch: Switch) -> None:
    switch.call("one")
    switch.call("waits for its phone")
    switch.over("one")
    switch.is_up = False
    switch.call("waits for the line", ring_s=0.01)
    assert switch.calls.drop("waits for its phone") and switch.calls.drop("waits for the line")
    assert not switch.calls.drop("one"), "it is made"
    gevent.sleep(2 * FREE_S)
    switch.is_up = True
    switch.calls.line_up()
    assert switch.made == ["one"] and not switch.given_up
