"""What the application's death and a broken line do to callers and talks: nothing that lasts."""

from __future__ import annotations

import time
from typing import Any

import pytest
from contract_application import Application
from contract_moves import (
    JOINING,
    MUSIC,
    PROMPT_HZ,
    believe,
    call_in,
    hears,
    ring,
    soon,
    talk,
    they_talk,
    tone,
)
from contract_story import arrived, assert_story, ended, played, told
from contract_worlds import World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase

BACK_S = 1.5  # the interlude of the test's dialplan is 0.4 s
BACK = arrived()


def wait_back(app: Application, times: int, within_s: float = BACK_S + 1) -> None:
    app.until(lambda: len(app.seen(s.CallArrived)) >= times, "the caller is back", within_s)


def test_a_waiting_caller_comes_back_when_the_sockets_broke(world: World, app: Application) -> None:
    """The listener goes on: the caller is back at once, in the music that it left, and the same one."""
    caller, leg = call_in(world, app)
    app.on(s.CallArrived, lambda signal: o.Play("again", signal.leg, MUSIC, endless=True))
    app.order(o.Play("music", leg, MUSIC, endless=True))
    hears(world, caller, 1000)
    app.run(lambda: [call.close() for call in list(app.listener.calls)])
    wait_back(app, 2, 1.0)
    hears(world, caller, 1000)
    assert_story(app, [arrived(), BACK])


def test_a_waiting_caller_comes_back_when_the_listener_is_back(world: World, app: Application) -> None:
    """Nobody listens for a while: the caller hears the interlude and tries again."""
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, MUSIC, endless=True))
    app.deaf()
    hears(world, caller, 440)  # of the interlude
    assert len(app.seen(s.CallArrived)) == 1
    app.listen_again()
    wait_back(app, 2)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), BACK, played("p1")])


def test_a_caller_who_hangs_up_while_nobody_listens(world: World, app: Application) -> None:
    """The control line tells it."""
    caller, leg = call_in(world, app)
    app.deaf()
    caller.hangup()
    app.wait(s.LegEnded)
    app.listen_again()
    assert_story(app, [arrived(), ended()])


def test_a_talk_survives_the_death_of_the_application(world: World, app: Application) -> None:
    """Both hear each other on; after the talk the caller comes to whoever listens then."""
    caller, agent, leg, other = talk(world, app)
    they_talk(world, caller, agent)
    app.die()
    they_talk(world, caller, agent)
    app.rise()
    they_talk(world, caller, agent)
    agent.hangup()
    wait_back(app, 2)
    app.order(o.Play("bye", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, ref="bye")
    assert_story(app, [arrived(), *JOINING, {ended("agent", by="agent"), BACK}, played("bye")], {"agent": other})


def test_a_talk_ends_while_nobody_listens(world: World, app: Application) -> None:
    caller, agent, leg, other = talk(world, app)
    app.deaf()
    agent.hangup()
    app.wait(s.LegEnded)
    app.listen_again()
    wait_back(app, 2)
    assert_story(app, [arrived(), *JOINING, ended("agent", by="agent"), BACK], {"agent": other})


def test_the_end_of_a_talk_that_nobody_saw(world: World, app: Application) -> None:
    """The switch knows when it was, also of the second talk, however often the caller tried the socket since; and
    a way back that ends no talk says nothing new."""
    caller, agent, leg, other = talk(world, app)
    for turn in range(2):
        if turn:
            other = ring(app)
            app.wait(s.LegAnswered, leg=other)
            app.order(o.Join("join", leg, other))
            app.wait(s.Joined, ref="join")
        stream = app.stream
        app.die()
        agent.hangup()
        parted_at = time.time()
        time.sleep(1.0)  # two interludes
        app.rise()
        back = app.wait(s.CallArrived)
        assert back.talked_with == other and abs(back.parted_at - parted_at) < 0.3
        believe(app, leg, Phase.TALKING, other, stream)
        app.look(3)
        told_late = app.seen(s.LegEnded, leg=other)[-1]
        assert told_late.cause == "RECONCILED" and told_late.at == back.parted_at
        app.interactions.clear()
    app.run(lambda: [call.close() for call in list(app.listener.calls)])
    assert app.wait(s.CallArrived).parted_at == back.parted_at


def test_a_caller_ends_a_talk_and_nobody_sees_it(world: World, app: Application) -> None:
    """The recording is as long as the talk was; no talk ends before the process that saw it last."""
    path = "recordings/2026-01-02/unseen-1.wav"
    (world.var / path).unlink(missing_ok=True)
    caller, agent, leg, other = talk(world, app, path)
    stream, began_at = app.stream, time.time()
    world.speak(caller, 1.5)
    app.die()
    caller.hangup()
    hung_up_at = time.time()
    agent.wait_for("disconnected")
    time.sleep(1.0)
    app.rise()
    offer = believe(app, leg, Phase.TALKING, other, stream).offer
    assert offer
    offer.recording, offer.connected_at = path, began_at
    app.look(4)
    ended_at = app.seen(s.LegEnded, leg=leg)[-1].at
    if world.audible:
        assert abs(ended_at - hung_up_at) < 0.4
    else:
        assert ended_at == 0.0, "there is no sound that could tell"


def test_how_old_a_caller_is_who_had_to_wait_for_us(world: World, app: Application) -> None:
    app.deaf()
    caller = world.caller()
    caller.call("4000")
    called_at = time.time()
    caller.wait_for("confirmed")
    time.sleep(1.0)
    app.listen_again()
    arrived_at = time.time() - app.wait(s.CallArrived, timeout_s=15).age_s
    assert abs(arrived_at - called_at) < 0.5
    caller.hangup()


def test_death_while_the_agent_rings(world: World, app: Application) -> None:
    """The phone rings on and is answered; the next process joins by what the journal told it."""
    agent = world.agent()
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, MUSIC, endless=True))
    other = ring(app)
    agent.wait_for("incoming")
    stream = app.stream
    app.die()
    agent.answer()
    agent.wait_for("confirmed")
    app.rise()
    wait_back(app, 2)
    app.order(o.Join("join", leg, other), stream=stream)
    app.wait(s.Joined)
    they_talk(world, caller, agent)
    assert_story(app, [arrived(), BACK, told("Joined", ref="join", leg="caller", other="agent")], {"agent": other})


def test_eight_deaths(world: World, app: Application) -> None:
    """Each way back is a transfer; they do not run out (max_session_transfers)."""
    caller, leg = call_in(world, app)
    for turn in range(8):
        app.run(lambda: [call.close() for call in list(app.listener.calls)])
        wait_back(app, turn + 2)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), *([BACK] * 8), played("p1")])


def test_a_caller_who_is_back_beside_the_old_connection_stays(world: World, app: Application) -> None:
    """Sent back by an operator, or by a bridge that did not come about: once, and not round and round."""
    world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    for turn in range(3):
        app.order(o.Play(f"music{turn}", leg, MUSIC, endless=True))
        soon(lambda: "playback" in world.api("show", "channels"), "it plays")
        assert world.api("uuid_transfer", f"{leg} recover XML recover").startswith("+OK")
        wait_back(app, turn + 2)
        app.quiet(BACK_S)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, ref="p1")
    assert len(app.seen(s.CallArrived)) == 4


def test_a_caller_whose_end_overtakes_the_arrival(world: World, app: Application) -> None:
    """Hung up while the connection waited to be read: it is told once the contact is open, or it were one for
    ever, and agents rang for nobody."""
    serve = app.run(lambda: app.listener._on_call)
    late: list[Any] = []
    app.run(lambda: setattr(app.listener, "_on_call", late.append))
    caller = world.caller()
    caller.call("4000")
    app.until(lambda: late, "the connection is there")
    app.run(lambda: setattr(app.listener, "_on_call", serve))
    leg = app.run(lambda: late[0].handshake(5.0).get("Unique-ID", ""))
    caller.hangup()
    app.wait(s.LegEnded, leg=leg)
    app.run(lambda: setattr(late[0], "handshake", lambda *args, **more: late[0].session_data))
    app.run(lambda: serve(late[0]))
    app.quiet()
    assert [type(each.signal).__name__ for each in app.heard] == ["LegEnded", "CallArrived", "LegEnded"]


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.03])
def test_joined_on_the_way_back(world: World, app: Application, after_s: float) -> None:
    """The join is ordered while the caller is on the way back into the socket, and then the music for one who is
    back: whether they meet or not, nobody hears music in a talk."""
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    app.on(s.CallArrived, lambda signal: o.Play("back", signal.leg, MUSIC, endless=True))
    app.order(o.Play("music", leg, MUSIC, endless=True))
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)
    app.run(lambda: [call.close() for call in list(app.listener.calls)])
    time.sleep(after_s)
    app.order(o.Join("join", leg, other))
    app.until(lambda: app.seen(s.Joined) or app.seen(s.JoinFailed) or app.seen(s.LegEnded), "the join's result", 3)
    if app.seen(s.Joined):
        they_talk(world, caller, agent)
        app.quiet()
        they_talk(world, caller, agent)


def test_a_talk_beside_old_connections_survives_the_death(world: World, app: Application) -> None:
    """They end with the join, when their end parts nobody."""
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    assert world.api("uuid_transfer", f"{leg} recover XML recover").startswith("+OK")
    wait_back(app, 2)
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)
    app.order(o.Join("join", leg, other))
    app.wait(s.Joined)
    app.until(lambda: not app.listener.calls, "no connection is left")
    they_talk(world, caller, agent)
    app.die()
    they_talk(world, caller, agent)
    app.rise()
    agent.hangup()
    wait_back(app, 3)


def test_the_control_line_breaks_and_is_back(world: World, app: Application) -> None:
    """What happens meanwhile in the socket is told; a transfer fails at once, a call when it has waited for the
    line as long as it would ring; and both work again."""
    caller, leg = call_in(world, app)
    app.run(app.line.stop)
    caller.digits("5")
    app.wait(s.DigitPressed)
    lost = ring(app, ring_s=0.5)
    app.wait(s.LegEnded)
    app.order(o.TransferLeg("t1", leg, "1001"))
    app.wait(s.TransferEnded)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    app.run(app.line.start)
    app.wait_up()
    agent = world.agent(answer_after_s=0.0)
    other = ring(app)
    app.wait(s.LegAnswered)
    agent.hangup()
    app.wait(s.LegEnded)
    assert_story(
        app,
        [
            arrived(), told("DigitPressed", leg="caller", digit="5"),
            ended("lost", "switch_lost", "NO_CONTROL_LINE", "unknown"),
            told("TransferEnded", ref="t1", result="failed", detail="no control line"), played("p1"),
            told("LegAnswered", leg="agent"), ended("agent", by="agent"),
        ],
        {"agent": other, "lost": lost},
    )  # fmt: skip


def test_a_call_waits_for_the_control_line(world: World, app: Application) -> None:
    """A line that breaks for a moment, or is not there yet at a start, costs no agent an offer; what is not wanted
    any more when it is up rings nowhere."""
    agent = world.agent("1001", answer_after_s=0.0)
    other_agent = world.agent("1002")
    caller, leg = call_in(world, app)
    app.run(app.line.stop)
    wanted, unwanted = ring(app), ring(app, "1002")
    app.order(o.HangUp(unwanted, "cancelled"))
    app.quiet()
    app.run(app.line.start)
    app.wait(s.LegAnswered, leg=wanted)
    agent.hangup()
    app.wait(s.LegEnded, leg=wanted)
    app.quiet()
    assert not other_agent.in_call and not app.seen(s.LegEnded, leg=unwanted)
    assert_story(app, [arrived(), told("LegAnswered", leg="agent"), ended("agent", by="agent")], {"agent": wanted})


def test_two_control_lines(world: World, app: Application) -> None:
    """Another process' line (an operator's, or the one that takes over) hears the ends of legs, by their
    interaction, and none of our results."""
    beside = world.application(world.beside())
    try:
        beside.wait_up()
        agent = world.agent(answer_after_s=0.0)
        caller, leg = call_in(world, app)
        other = ring(app)
        app.wait(s.LegAnswered)
        app.order(o.Join("join", leg, other))
        app.wait(s.Joined)
        they_talk(world, caller, agent)
        caller.hangup()
        app.until(lambda: len(app.seen(s.LegEnded)) == 2, "both ends")
        ends = [ended(), ended("agent", by="application")]
        told_here = [arrived(), told("LegAnswered", leg="agent"), told("Joined", ref="join", leg="caller", other="agent")]
        assert_story(app, [*told_here, *ends], {"agent": other})
        assert_story(beside, ends, {"caller": leg, "agent": other})
    finally:
        beside.stop()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_agent_hangs_up_in_the_moment_of_the_join(world: World, app: Application, moment: str) -> None:
    """Whatever is first, the caller is never left in silence: it can be played to, and soon."""
    agent = world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered)
    if moment == "before":
        agent.hangup()
        app.order(o.Join("join", leg, other))
    else:
        app.order(o.Join("join", leg, other))
        agent.hangup()
    app.until(lambda: app.seen(s.LegEnded, leg=other), "the agent's end")

    app.until(lambda: app.seen(s.JoinFailed) or len(app.seen(s.CallArrived)) == 2, "failed, or back")
    app.quiet()
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, ref="p1")
    assert app.seen(s.PlayEnded)[-1].result == "done"
    assert len(app.seen(s.LegEnded)) == 1
