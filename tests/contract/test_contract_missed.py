"""Callers who come and go while nobody listens in the socket: the switch keeps notes of them, and gives them back."""

from __future__ import annotations

import time

import pytest
from contract_application import FLOW, Application
from contract_moves import call_in
from contract_worlds import World
from rawsip import RawCaller
from test_contract_hostile import IDENTITIES, assert_clean

from switch_app.core import signals as s
from switch_app.switches.missed_calls import REALM

NOTHING = "-ERR no reply"  # what the switch says for an empty output
NEAR_S = 0.6  # an interlude and a little
CLOCK_LATE_S = 0.1  # FreeSWITCH's clock is a variable that its timer's thread sets: late when that is


def notes(app: Application) -> str:
    return app.api("hash_dump", f"db {REALM}").replace(NOTHING, "").strip()


@pytest.fixture(autouse=True)
def began_at(app: Application) -> float:
    """Without notes of other tests; those who arrive from here on, by the switch's clock, are this test's."""
    until_forgotten(app)
    began_at = time.time()
    time.sleep(CLOCK_LATE_S)
    return began_at


def told_since(app: Application, began_at: float) -> list[s.CallerNeverReached]:
    app.look_for_missed()
    return [each for each in app.seen(s.CallerNeverReached) if each.arrived_at >= began_at]


def until_forgotten(app: Application) -> None:
    app.until(lambda: (app.look_for_missed(), notes(app))[1] == "", "the switch has forgotten them")


def test_a_caller_who_came_and_went_while_nobody_listened(
    world: World, app: Application, began_at: float
) -> None:
    """Told once, with what is needed for a record; then the switch forgets it."""
    app.die()
    caller = world.caller()
    caller.call("4000")
    caller.wait_for("confirmed")
    time.sleep(0.9)  # two interludes
    caller.hangup()
    gone_at = time.time()
    app.rise()
    app.until(lambda: told_since(app, began_at), "it is told")
    (told,) = told_since(app, began_at)
    assert (told.ani, told.dnis, told.flow) == ("13800000001", "4000", FLOW[0])
    assert told.interaction == told.leg != ""
    assert told.arrived_at - began_at < NEAR_S + CLOCK_LATE_S and abs(told.gone_at - gone_at) < NEAR_S
    assert told.gone_at > told.arrived_at
    until_forgotten(app)
    assert told_since(app, began_at) == [told]


def test_a_caller_who_was_back_is_gone_when_that_was(world: World, app: Application, began_at: float) -> None:
    """Not since the way back that led to whoever died at last."""
    caller, leg = call_in(world, app)
    app.die()
    time.sleep(0.5)
    app.rise()
    app.wait(s.CallArrived)
    time.sleep(2.0)
    app.die()
    time.sleep(0.2)
    caller.hangup()
    gone_at = time.time()
    app.rise()
    app.until(lambda: told_since(app, began_at), "it is told")
    (told,) = told_since(app, began_at)
    assert told.leg == leg and abs(told.gone_at - gone_at) < NEAR_S


def test_a_caller_who_waits_for_us_is_not_missed(world: World, app: Application, began_at: float) -> None:
    app.deaf()
    caller = world.caller()
    caller.call("4000")
    caller.wait_for("confirmed")
    assert told_since(app, began_at) == [] and notes(app)
    app.listen_again()
    app.wait(s.CallArrived)
    until_forgotten(app)
    caller.hangup()
    app.wait(s.LegEnded)
    assert told_since(app, began_at) == []


@pytest.mark.parametrize("more_s", [0.0, 1.2])
def test_callers_who_gave_up_while_we_stood_still(world: World, app: Application, began_at: float, more_s: float) -> None:
    """A switch that keeps their connections lets them be read late, another time they are gone: each caller is told
    in one of two ways, once."""
    callers = [world.caller(f"1380000000{place}") for place in range(1, 4)]
    with app.stalled():
        for caller in callers:
            caller.call("4000")
        time.sleep(0.4)
        for caller in callers:
            caller.hangup()
        for caller in callers:
            caller.wait_for("disconnected")
        gone_at = time.time()
        time.sleep(more_s)
    app.quiet()
    told = [told_since(app, began_at) for _ in range(4)][-1]
    arrived = app.seen(s.CallArrived)
    assert sorted(each.ani for each in (*arrived, *told)) == ["13800000001", "13800000002", "13800000003"]
    assert {each.leg for each in (*arrived, *told)} == {each.leg for each in app.seen(s.LegEnded)}
    for each in told:
        assert each.interaction == each.leg and (each.dnis, each.flow) == ("4000", FLOW[0])
        assert 0 <= each.arrived_at - began_at < NEAR_S + CLOCK_LATE_S and abs(each.gone_at - gone_at) < NEAR_S
    if world.sip and more_s:
        assert len(told) == 3


def test_a_caller_whom_we_served_is_not_missed(world: World, app: Application, began_at: float) -> None:
    caller, leg = call_in(world, app)
    caller.hangup()
    app.wait(s.LegEnded)
    for _ in range(3):
        assert told_since(app, began_at) == []


def test_hostile_callers_who_came_and_went(world: World, app: Application, began_at: float) -> None:
    """Whatever their number holds, there is one note each, and nothing but a cleaned number in it."""
    if not world.sip:
        pytest.skip("a double without SIP has no hostile SIP")
    app.deaf()
    came = 0
    for identity in IDENTITIES.values():
        with RawCaller(world.server, identity) as caller:
            caller.invite()
            came += caller.wait_answer(1.5) == 200
    assert came > len(IDENTITIES) - 3
    app.until(lambda: len(told_since(app, began_at)) == came, "all are told")
    for each in told_since(app, began_at):
        assert_clean(each.ani, 64)
        assert each.dnis == "4000" and each.gone_at >= each.arrived_at > 0
    until_forgotten(app)
    app.listen_again()
