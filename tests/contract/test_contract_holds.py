"""A phone puts the other side on hold: who is told, what is heard, and how a talk ends in the middle of it."""

from __future__ import annotations

import pytest
from contract_application import Application
from contract_moves import JOINING, PROMPT_HZ, believe, call_in, hears, ring, talk, they_talk, tone
from contract_story import arrived, assert_story, ended, told
from contract_worlds import HOLD_HZ, World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase
from switch_app.phones.phone import Phone

HELD, RESUMED = told("LegHeld", leg="agent"), told("LegResumed", leg="agent")
BACK = arrived()


def is_confirmed(phone: Phone) -> bool:
    """Its own part of this call is over, not of an earlier one: before, it makes no re-INVITE."""
    told = [each["event"] for each in phone.events if each["event"] in ("incoming", "confirmed", "disconnected")]
    return phone.in_call and told[-1:] == ["confirmed"]


def hold(world: World, phone: Phone) -> None:
    """Until the phone's own part of it is over: it makes no second re-INVITE before."""
    before = len(phone.seen("audio"))
    phone.wait_until(is_confirmed, 3, "in a call")
    phone.hold()
    if world.sip:
        phone.wait_until(lambda it: any(each["state"] == "held" for each in it.seen("audio")[before:]), 3, "held")


def test_the_agent_holds_and_takes_back(world: World, app: Application) -> None:
    """Twice; the caller hears music meanwhile."""
    caller, agent, leg, other = talk(world, app)
    for _ in range(2):
        hold(world, agent)
        app.wait(s.LegHeld)
        hears(world, caller, HOLD_HZ)
        agent.resume()
        app.wait(s.LegResumed)
        they_talk(world, caller, agent)
    assert_story(app, [arrived(), *JOINING, HELD, RESUMED, HELD, RESUMED], {"agent": other})


def test_the_agent_hangs_up_on_hold(world: World, app: Application) -> None:
    """The caller is back, and hears what is played next."""
    caller, agent, leg, other = talk(world, app)
    hold(world, agent)
    app.wait(s.LegHeld)
    hears(world, caller, HOLD_HZ)
    agent.hangup()
    app.back()
    assert_story(app, [arrived(), *JOINING, HELD, {ended("agent", by="agent"), BACK}], {"agent": other})
    app.order(o.Play("next", leg, tone(PROMPT_HZ, 600)))
    hears(world, caller, PROMPT_HZ)


def test_the_caller_hangs_up_on_hold(world: World, app: Application) -> None:
    caller, agent, leg, other = talk(world, app)
    hold(world, agent)
    app.wait(s.LegHeld)
    caller.hangup()
    agent.wait_for("disconnected")
    app.wait(s.LegEnded)
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), *JOINING, HELD, {ended(), RESUMED, ended("agent", by="application")}], {"agent": other})


def test_the_agent_hangs_up_while_the_caller_holds(world: World, app: Application) -> None:
    """Music to nobody; the caller is back as ever."""
    caller, agent, leg, other = talk(world, app)
    hold(world, caller)
    app.wait(s.LegHeld, leg=leg)
    agent.hangup()
    app.back()
    caller.resume()
    app.order(o.Play("next", leg, tone(PROMPT_HZ, 600)))
    hears(world, caller, PROMPT_HZ)


@pytest.mark.parametrize("side", ["caller", "agent"])
def test_the_application_ends_one_side_on_hold(world: World, app: Application, side: str) -> None:
    caller, agent, leg, other = talk(world, app)
    hold(world, agent)
    app.wait(s.LegHeld)
    hears(world, caller, HOLD_HZ)
    app.order(o.HangUp(leg if side == "caller" else other))
    agent.wait_for("disconnected")
    app.wait(s.LegEnded, leg=other)
    if side == "caller":
        caller.wait_for("disconnected")
        rest = {ended(by="application"), RESUMED, ended("agent", by="application")}
    else:
        app.back()
        rest = {RESUMED, ended("agent", by="application"), BACK}
    assert_story(app, [arrived(), *JOINING, HELD, rest], {"agent": other})


def test_the_callers_own_phone_holds(world: World, app: Application) -> None:
    """It is told of the caller's leg, which is no hold of the agent's."""
    caller, agent, leg, other = talk(world, app)
    hold(world, caller)
    app.wait(s.LegHeld, leg=leg)
    hears(world, agent, HOLD_HZ)
    caller.resume()
    app.wait(s.LegResumed, leg=leg)
    they_talk(world, caller, agent)
    agent.hangup()
    app.back()
    own = [told("LegHeld", leg="caller"), told("LegResumed", leg="caller")]
    assert_story(app, [arrived(), *JOINING, *own, {ended("agent", by="agent"), BACK}], {"agent": other})


def test_both_hold(world: World, app: Application) -> None:
    caller, agent, leg, other = talk(world, app)
    hold(world, agent)
    app.wait(s.LegHeld, leg=other)
    hears(world, caller, HOLD_HZ)
    hold(world, caller)
    app.wait(s.LegHeld, leg=leg)
    agent.resume()
    app.wait(s.LegResumed, leg=other)
    hears(world, agent, HOLD_HZ)
    caller.resume()
    app.wait(s.LegResumed, leg=leg)
    they_talk(world, caller, agent)


def test_a_hold_that_we_missed_is_told(world: World, app: Application) -> None:
    """And its end: by the call state of the agent's channel. Two looks, not one."""
    caller, agent, leg, other = talk(world, app)
    hold(world, agent)
    app.wait(s.LegHeld)
    believe(app, leg, Phase.TALKING, other)
    app.look()
    assert len(app.seen(s.LegHeld)) == 1
    app.look()
    assert len(app.seen(s.LegHeld)) == 2
    agent.resume()
    app.wait(s.LegResumed)
    state = app.interactions[app.stream]
    assert state.offer
    state.offer.held_at = 1.0
    app.look(2)
    assert len(app.seen(s.LegResumed)) == 2
    state.offer.held_at = None
    app.look(2)
    assert (len(app.seen(s.LegHeld)), len(app.seen(s.LegResumed))) == (2, 2)


def test_the_agent_holds_before_the_join(world: World, app: Application) -> None:
    """A phone that was answered and held at once: FreeSWITCH forgets the hold with the join, without a word;
    the phone takes the caller back all the same."""
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)
    hold(world, agent)
    app.wait(s.LegHeld, leg=other)
    app.order(o.Join("join", leg, other))
    app.wait(s.Joined)
    agent.resume()
    they_talk(world, caller, agent)
