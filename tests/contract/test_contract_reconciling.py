"""The reconciler's look: what the switch holds is compared with what we believe, and set right."""

from __future__ import annotations

from typing import Any

import pytest
from contract_application import Application
from contract_moves import MUSIC, PROMPT_HZ, agent_leg, believe, call_in, ring, soon, talk, they_talk, tone
from contract_story import arrived, assert_story, ended, played, told
from contract_worlds import World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.ids import derived_uuid
from switch_app.core.interaction import Phase
from switch_app.switches.control_line import GONE

NEVER = "11111111-2222-8333-8444-555555555555"  # of our own kind, and never on any switch


def test_all_is_well(world: World, app: Application) -> None:
    """Nothing is told and nothing is touched, in a flow and in a talk."""
    caller, agent, leg, other = talk(world, app)
    believe(app, leg, Phase.TALKING, other)
    told_before = len(app.heard)
    app.look(3)
    app.quiet()
    assert len(app.heard) == told_before
    they_talk(world, caller, agent)


def test_a_caller_in_the_flow_is_left_alone(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    believe(app, leg)
    app.look(3)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), played("p1")])


def test_a_caller_who_vanished_is_told_once(world: World, app: Application) -> None:
    """We were not there when it hung up: two looks later it is known, and not told again."""
    believe(app, NEVER, stream="interaction:x")
    app.look()
    assert app.heard == []
    app.look(3)
    assert_story(app, [ended("gone", "normal", "RECONCILED", "unknown")], {"gone": NEVER})


def test_a_switch_that_started_anew_while_we_were_away(world: World, app: Application) -> None:
    """What was on the old one is lost; who is already in our socket came after that, and stays."""
    caller, leg = call_in(world, app)
    believe(app, leg)
    believe(app, NEVER, stream="interaction:x")
    app.reconciler.remember_core("another", 1234.5)
    app.look(3)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    lost = [each for each in app.heard if isinstance(each.signal, s.SwitchLost)]
    assert [(each.stream, each.signal.seen_at) for each in lost] == [("interaction:x", 1234.5)]


@pytest.mark.parametrize(("phase", "reason"), [(Phase.RINGING, "failed"), (Phase.TALKING, "normal")])
def test_an_agents_leg_that_vanished(world: World, app: Application, phase: Phase, reason: str) -> None:
    caller, leg = call_in(world, app)
    believe(app, leg, phase, NEVER)
    app.look(3)
    assert_story(app, [arrived(), ended("gone", reason, "RECONCILED", "unknown")], {"gone": NEVER})


def test_a_leg_that_nobody_wants_is_hung_up(world: World, app: Application) -> None:
    """An agent's phone that a process before us made ring: two looks, not one."""
    agent = world.agent(answer_after_s=0.0)
    leg = agent_leg(app)
    app.order(o.CallAgent(leg, "nobody", "1001", 5.0, "1", "x"), stream="interaction:nobody")
    app.wait(s.LegAnswered)
    app.look()
    assert world.legs() == [leg]
    app.look()
    agent.wait_for("disconnected")
    app.wait(s.LegEnded)
    rest = ended("agent", by="application")
    assert_story(app, [told("LegAnswered", leg="agent"), rest], {"agent": leg})


def test_a_join_that_came_after_it_was_given_up_is_undone(world: World, app: Application) -> None:
    """The agent has missed the call and others are rung: the caller comes back to the queue, with no ghost in the ear."""
    caller, agent, leg, other = talk(world, app)
    believe(app, leg, Phase.WAITING)
    app.look(2)
    agent.wait_for("disconnected")
    app.back()
    assert caller.in_call


def test_a_ringing_leg_that_is_wanted_is_left_alone(world: World, app: Application) -> None:
    agent = world.agent()
    caller, leg = call_in(world, app)
    other = ring(app)
    agent.wait_for("incoming")
    believe(app, leg, Phase.RINGING, other)
    app.look(3)
    agent.answer()
    app.wait(s.LegAnswered)
    assert_story(app, [arrived(), told("LegAnswered", leg="agent")], {"agent": other})


def test_an_answer_that_we_missed_is_told(world: World, app: Application) -> None:
    """The process before us called the agent."""
    world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered)
    believe(app, leg, Phase.RINGING, other)
    app.look(2)
    answered = told("LegAnswered", leg="agent")
    assert_story(app, [arrived(), answered, answered], {"agent": other})


def test_a_join_that_we_missed_is_told(world: World, app: Application) -> None:
    caller, agent, leg, other = talk(world, app)
    believe(app, leg, Phase.JOINING, other)
    app.look()
    assert [(each.leg, each.other) for each in app.seen(s.Joined)] == [(leg, other)] * 2
    they_talk(world, caller, agent)


def test_a_join_that_did_not_happen_is_told(world: World, app: Application) -> None:
    world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered)
    believe(app, leg, Phase.JOINING, other)
    app.look(2)
    failed = told("JoinFailed", ref="join", reason="not bridged")
    assert_story(app, [arrived(), told("LegAnswered", leg="agent"), failed], {"agent": other})


def test_a_lost_join_leaves_no_caller_in_silence(world: World, app: Application) -> None:
    """The line broke with its commands: once that is known, sounds begin at once, not when a bridge could come no
    more, and the caller is one that comes back should the application die."""
    world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered)
    told_to_line = app.line.command

    def broken(name: str, args: str = "", on_text: Any = None) -> None:
        if name == "uuid_bridge":
            on_text(GONE)
        else:
            told_to_line(name, args, on_text)

    app.run(lambda: setattr(app.line, "command", broken))
    app.order(o.Join("join", leg, other))
    believe(app, leg, Phase.JOINING, other)
    app.look(2)
    app.wait(s.JoinFailed, ref="join")
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, 2.0, ref="p1", result="done")
    soon(lambda: world.api("uuid_getvar", f"{leg} socket_resume").strip() == "true", "it would come back")


@pytest.mark.parametrize("how", ["hung up", "gone"])
def test_a_join_whose_other_leg_is_gone_keeps_nobody_waiting(world: World, app: Application, how: str) -> None:
    """Its command was lost, and nobody asks any more whether they are bridged; also for one who comes back."""
    agent = world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered)
    app.run(lambda: setattr(app.line, "command", lambda name, args="", on_text=None: on_text and on_text(GONE)))
    app.order(o.Join("join", leg, other))
    app.quiet()
    app.run(lambda: delattr(app.line, "command"))
    if how == "gone":
        agent.hangup()
    else:
        app.order(o.HangUp(other, "cancelled"))
    app.wait(s.LegEnded, leg=other)
    for turn in range(2):
        app.order(o.Play(f"p{turn}", leg, tone(PROMPT_HZ, 60)))
        app.wait(s.PlayEnded, 2.0, ref=f"p{turn}", result="done")
        assert world.api("uuid_transfer", f"{leg} recover XML recover").startswith("+OK")
        app.until(lambda turn=turn: len(app.seen(s.CallArrived)) == turn + 2, "the caller is back")


@pytest.mark.parametrize("transferred", [False, True], ids=["plain", "was-transferred"])
def test_an_ownerless_caller_is_sent_to_recover(world: World, app: Application, transferred: bool) -> None:
    """Left in an endless tone with nobody in control: two looks, and it is in the socket again. Also one who has
    talked elsewhere before."""
    caller, leg = call_in(world, app)
    world.api("uuid_setvar", f"{leg} socket_resume false")
    app.order(o.Play("music", leg, MUSIC, endless=True))
    soon(lambda: "playback" in world.api("show", "channels"), "it plays")
    app.run(lambda: [call.close() for call in list(app.listener.calls)])
    soon(lambda: not app.voice.callers, "nobody owns it")
    believe(app, leg).transferred = transferred
    app.look()
    app.quiet()
    assert len(app.seen(s.CallArrived)) == 1
    app.look()
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")
    assert_story(app, [arrived(), arrived()])


def test_a_transferred_talk_outlives_the_application(world: World, app: Application) -> None:
    """The next process knows nothing of the other side's leg: it is a talk all the same, not a stray."""
    agent = world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    app.order(o.TransferLeg("t1", leg, "1001"))
    app.wait(s.TransferBegun)
    they_talk(world, caller, agent)
    stream = app.stream
    app.die()
    app.rise()
    believe(app, leg, stream=stream).transferred = True
    app.look(3)
    they_talk(world, caller, agent)
    agent.hangup()
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")


def transferring(world: World, app: Application, heard: bool) -> tuple[Any, Any, str, str]:
    """(caller, agent, leg, other) of a transfer that was answered; `heard` or not by the application."""
    agent = world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    believe(app, leg, stream=app.stream).session = {"wait": {"for": "transfer", "ref": "t1"}}
    if heard:
        app.run(lambda: setattr(app.line, "on_event", lambda event: None))
    else:
        app.run(lambda: setattr(app.voice, "_called", lambda leg, text: None))
    app.order(o.TransferLeg("t1", leg, "1001"))
    return caller, agent, leg, derived_uuid(app.stream, "t1", "transfer")


def test_a_transferred_talk_that_we_missed_is_told(world: World, app: Application) -> None:
    """Its bridge was told while the control line was broken: the flow must not go on without its caller."""
    caller, agent, leg, other = transferring(world, app, heard=True)
    soon(lambda: world.api("uuid_getvar", f"{leg} bridge_uuid").strip() == other, "they are bridged")
    they_talk(world, caller, agent)
    app.quiet()
    app.run(lambda: setattr(app.line, "on_event", app.voice.heard))
    app.look(2)
    assert_story(app, [arrived(), told("TransferBegun", ref="t1", to="1001")])
    agent.hangup()
    app.wait(s.TransferEnded, result="done")


def test_an_answer_of_a_transfer_that_we_missed_brings_the_talk(world: World, app: Application) -> None:
    caller, agent, leg, other = transferring(world, app, heard=False)
    agent.wait_for("confirmed")
    app.look(2)
    app.wait(s.TransferBegun)
    they_talk(world, caller, agent)


def test_a_transfer_that_nobody_waits_for_is_hung_up(world: World, app: Application) -> None:
    caller, agent, leg, other = transferring(world, app, heard=False)
    agent.wait_for("confirmed")
    app.interactions[app.stream].session = {"wait": {"for": "say", "ref": "s1"}}
    app.look(2)
    agent.wait_for("disconnected")
    assert not app.seen(s.TransferBegun)


def test_a_switch_that_cannot_say_is_not_believed_empty(world: World, app: Application) -> None:
    """-ERR of `show channels` means unknown, never none."""
    believe(app, NEVER, stream="interaction:x")
    ask = app.line.api
    app.run(lambda: setattr(app.line, "api", lambda name, *args: "-ERR SQL disabled" if name == "show" else ask(name, *args)))
    app.look(3)
    app.quiet()
    assert app.heard == []


def lists(app: Application, text: str) -> None:
    """`show channels` says this from now on, whatever there is."""
    ask = app.line.api
    app.run(lambda: setattr(app.line, "api", lambda name, *args: text if name == "show" else ask(name, *args)))


@pytest.mark.parametrize("phase", [Phase.FLOW, Phase.TALKING])
def test_a_row_that_outlives_its_leg_keeps_no_call_open(world: World, app: Application, phase: Phase) -> None:
    """Seen on a busy FreeSWITCH: the database behind `show channels` kept the row of a leg that was gone."""
    caller, agent, leg, other = talk(world, app)
    believe(app, leg, phase, other if phase is Phase.TALKING else "")
    soon(lambda: leg in world.legs() and other in world.legs(), "both are in the list")
    lists(app, world.api("show", "channels as json"))
    app.run(lambda: setattr(app.line, "on_event", lambda event: None))
    world.clear()
    app.look(3)
    ends = {each.leg for each in app.seen(s.LegEnded)}
    assert ends >= {leg}
    if phase is Phase.TALKING:  # an interaction in the product would have ended with its caller
        app.interactions[app.stream].leg_up = False
        app.look(2)
        assert {each.leg for each in app.seen(s.LegEnded)} == {leg, other}
    told_before = len(app.heard)
    app.look(2)
    assert len(app.heard) == told_before


def test_a_leg_without_a_row_is_not_over(world: World, app: Application) -> None:
    caller, agent, leg, other = talk(world, app)
    believe(app, leg, Phase.TALKING, other)
    lists(app, '{"row_count": 0}')
    told_before = len(app.heard)
    app.look(4)
    assert len(app.heard) == told_before
    they_talk(world, caller, agent)


def test_legs_of_others_are_left_alone(world: World, app: Application) -> None:
    """A caller whom no interaction knows, and a call that an operator made."""
    caller, leg = call_in(world, app)
    app.look(3)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), played("p1")])
