"""CallAgent and its one result: answered, or why not."""

from __future__ import annotations

import pytest
from contract_application import Application
from contract_moves import agent_leg, call_in, ring, soon, talk
from contract_story import arrived, assert_story, ended, told
from contract_worlds import NOBODY, World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.switches.phones_free import FREE_S

RESULT_S = 3.0  # of a refusal: the phone has said it, the application need not wait for the 5 s of its ringing


def never(leg: str, reason: str, cause: str, by: str = "agent") -> str:
    return told("LegEnded", leg=leg, reason=reason, cause=cause, by=by)


@pytest.mark.parametrize("talked", [True, False])
def test_a_phone_that_was_hung_up_on_is_called_again_at_once(world: World, app: Application, talked: bool) -> None:
    """It must have heard the end before: with one line it is busy until then, and its agent would count as away."""
    second = agent_leg(app, 7)
    if talked:
        caller, agent, leg, other = talk(world, app)
    else:
        agent = world.agent("1001")
        caller, leg = call_in(world, app)
        other = ring(app)
        agent.wait_for("incoming")
    agent.skip()
    agent.behave(answer_after_s=0.0)
    call = o.CallAgent(second, app.stream.partition(":")[2], "1001", 5.0, "1", "x")
    app.on(s.LegEnded, lambda end: [o.HangUp(other), call] if end.leg == leg else None)
    caller.hangup()
    app.wait(s.LegAnswered, leg=second)
    moments = {each.signal.leg: each.at for each in app.heard if isinstance(each.signal, s.LegEnded | s.LegAnswered)}
    assert moments[second] - moments[other] >= FREE_S


def test_answered(world: World, app: Application) -> None:
    agent = world.agent()
    call_in(world, app)
    leg = ring(app)
    agent.wait_for("incoming")
    app.quiet()
    assert app.seen(s.LegAnswered) == []
    agent.answer()
    agent.wait_for("confirmed")
    app.wait(s.LegAnswered)
    agent.hangup()
    app.wait(s.LegEnded)
    assert_story(
        app, [arrived(), told("LegAnswered", leg="agent"), ended("agent", by="agent")], {"agent": leg}
    )


@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [
        (486, "busy", "USER_BUSY"),
        (600, "busy", "USER_BUSY"),
        (603, "rejected", "CALL_REJECTED"),
        (403, "rejected", "CALL_REJECTED"),
        (480, "no_answer", "NO_USER_RESPONSE"),
        (404, "no_route", "UNALLOCATED_NUMBER"),
        (488, "failed", "INCOMPATIBLE_DESTINATION"),
        (503, "rejected", "NORMAL_TEMPORARY_FAILURE"),
        (500, "rejected", "NORMAL_TEMPORARY_FAILURE"),
        (408, "rejected", "RECOVERY_ON_TIMER_EXPIRE"),
    ],
)
def test_refused(world: World, app: Application, code: int, reason: str, cause: str) -> None:
    agent = world.agent(reject_with=code)
    call_in(world, app)
    leg = ring(app)
    app.wait(s.LegEnded)
    assert app.at(s.LegEnded) - app.at(o.CallAgent) < RESULT_S
    assert_story(app, [arrived(), never("agent", reason, cause)], {"agent": leg})
    agent.behave()


@pytest.mark.parametrize(("code", "reason", "cause"), [(486, "busy", "USER_BUSY"), (603, "rejected", "CALL_REJECTED")])
def test_refused_after_ringing(world: World, app: Application, code: int, reason: str, cause: str) -> None:
    agent = world.agent()
    call_in(world, app)
    leg = ring(app)
    agent.wait_for("incoming")
    agent.reject(code)
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), never("agent", reason, cause)], {"agent": leg})


def test_no_answer(world: World, app: Application) -> None:
    """The time is the order's, and the phone stops ringing with it. FreeSWITCH counts in turns of the clock's
    second (switch_ivr_originate.c, `elapsed`), so that it may stop up to a second earlier."""
    agent = world.agent()
    call_in(world, app)
    leg = ring(app, ring_s=world.ring_s)
    app.wait(s.LegEnded)
    assert world.ring_s - 1.1 < app.at(s.LegEnded) - app.at(o.CallAgent) < world.ring_s + 1.5
    agent.wait_for("disconnected")
    assert_story(app, [arrived(), never("agent", "no_answer", "NO_ANSWER", "application")], {"agent": leg})


def test_not_registered(world: World, app: Application) -> None:
    call_in(world, app)
    leg = ring(app, contact=NOBODY)
    app.wait(s.LegEnded)
    assert app.at(s.LegEnded) - app.at(o.CallAgent) < RESULT_S
    assert_story(app, [arrived(), never("agent", "unreachable", "USER_NOT_REGISTERED", "unknown")], {"agent": leg})


def test_a_switch_that_makes_no_calls_now_says_nothing_of_the_phone(world: World, app: Application) -> None:
    """It is paused, or over its limits: a phone that cannot be reached would cost the agent the log-in."""
    if world.name == "embedded":
        pytest.skip("it has no limits")
    world.take_no_calls(True)
    call = world.agent("1001")
    try:
        leg = ring(app)
        app.wait(s.LegEnded, leg=leg, reason="congestion", cause="DESTINATION_OUT_OF_ORDER")
    finally:
        world.take_no_calls(False)
    assert not call.in_call


def test_unknown_contact(world: World, app: Application) -> None:
    call_in(world, app)
    leg = ring(app, contact="7777")
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), never("agent", "unreachable", "SUBSCRIBER_ABSENT", "unknown")], {"agent": leg})


@pytest.mark.parametrize("how", ["unplug", "freeze"])
def test_phone_vanished(world: World, app: Application, how: str) -> None:
    """Registered, and then gone: its machine says that nobody listens there any more, or nothing comes at all.
    Not to be taken for a phone that refuses by 503 or 408, nor for one that rings and is not answered."""
    agent = world.lonely_agent()
    getattr(agent, how)()
    call_in(world, app)
    leg = ring(app, contact="1003", ring_s=3.0)
    app.wait(s.LegEnded)
    assert app.seen(s.LegEnded)[0].reason == "unreachable"
    assert app.at(s.LegEnded) - app.at(o.CallAgent) < 3.6
    app.quiet()
    assert [each.leg for each in app.seen(s.LegEnded)] == [leg]


def test_the_application_takes_the_ringing_back(world: World, app: Application) -> None:
    agent = world.agent()
    call_in(world, app)
    leg = ring(app)
    agent.wait_for("incoming")
    app.order(o.HangUp(leg, "cancelled"))
    app.wait(s.LegEnded)
    agent.wait_for("disconnected")
    assert_story(
        app, [arrived(), never("agent", "cancelled", "ORIGINATOR_CANCEL", by="application")], {"agent": leg}
    )


def test_two_agents_ring_at_once(world: World, app: Application) -> None:
    """Results of one do not end the other."""
    busy, good = world.agent("1001", reject_with=486), world.agent("1002", answer_after_s=0.3)
    call_in(world, app)
    first, second = ring(app, "1001"), ring(app, "1002", leg=agent_leg(app, 2))
    app.wait(s.LegAnswered)
    assert_story(
        app,
        [arrived(), never("first", "busy", "USER_BUSY"), told("LegAnswered", leg="second")],
        {"first": first, "second": second},
    )
    busy.behave()
    good.behave()


def test_the_phone_shows_who_calls(world: World, app: Application) -> None:
    agent = world.agent()
    call_in(world, app)
    ring(app, ani="+8613800000001", name="Ann Example")
    shown = str(agent.wait_for("incoming")["from"])
    assert "+8613800000001" in shown and "Ann Example" in shown
    agent.reject()
    soon(lambda: app.seen(s.LegEnded), "the end")
