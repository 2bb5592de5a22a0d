"""A caller and an agent, joined: what each hears, what is recorded, and who comes back from it."""

from __future__ import annotations

import time

import audio
import pytest
from contract_application import Application
from contract_moves import (
    JOIN_S,
    JOINING,
    MUSIC,
    PROMPT_HZ,
    call_in,
    hears,
    ring,
    soon,
    talk,
    they_talk,
    tone,
)
from contract_story import arrived, assert_story, ended, played, told
from contract_worlds import AGENT_HZ, CALLER_HZ, World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.switches import caller as caller_module

HOLD_S = 0.4  # instead of the 8 s that a join may last
ANSWERED = told("LegAnswered", leg="agent")
RECORDING = "recordings/2026-01-02/talk-1.wav"
RECORDED = told("RecordingEnded", leg="caller", path=RECORDING, duration_s="~")
BACK = arrived()  # the same call again: the same interaction, the same leg


def test_a_talk_and_the_caller_back_in_the_socket(world: World, app: Application) -> None:
    """The music ends with the join; after the talk the caller is back within a moment, and is served on."""
    caller, agent, leg, other = talk(world, app)
    they_talk(world, caller, agent)
    agent.hangup()
    agent.wait_for("disconnected")
    app.back()
    assert abs(app.at(s.CallArrived) - app.at(s.LegEnded)) < 0.5
    app.order(o.Play("bye", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, ref="bye")
    app.order(o.HangUp(leg))
    app.wait(s.LegEnded, leg=leg)
    assert_story(
        app,
        [arrived(), *JOINING, {ended("agent", by="agent"), BACK}, played("bye"), ended(by="application")],
        {"agent": other},
    )


def test_music_that_waits_for_the_end_of_a_prompt_does_not_begin_in_the_talk(world: World, app: Application) -> None:
    """The agent answers in the moment in which the prompt is broken off: FreeSWITCH would play inside the bridge."""
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    app.order(o.Play("prompt", leg, tone(PROMPT_HZ, 20000)))
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)
    app.order(o.Play("music", leg, MUSIC, endless=True), o.Join("join", leg, other))
    app.wait(s.Joined)
    they_talk(world, caller, agent)
    assert_story(
        app,
        [arrived(), told("LegAnswered", leg="agent"), {played("prompt", "stopped"), played("music", "stopped"),
         told("Joined", ref="join", leg="caller", other="agent")}],
        {"agent": other},
    )  # fmt: skip


def test_a_sound_that_the_switch_has_not_begun_does_not_begin_in_the_talk(world: World, app: Application) -> None:
    """A phone that answers at once, a switch that is slow to read: FreeSWITCH carries out inside the bridge what waits
    for the leg (switch_ivr_bridge.c, audio_bridge_thread), and the caller heard music and not the agent."""
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)
    app.slow_road(leg, 0.3)
    app.order(o.Play("music", leg, MUSIC, endless=True), o.Join("join", leg, other))
    app.wait(s.Joined)
    app.quiet(0.4)
    they_talk(world, caller, agent)
    assert_story(app, [arrived(), *JOINING], {"agent": other})


def test_a_standstill_of_the_application_in_the_middle_of_a_join(
    world: World, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a join may last: its end has been told meanwhile, and is read before anything is given up."""
    monkeypatch.setattr(caller_module, "HOLD_S", HOLD_S)
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, MUSIC, endless=True))
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)

    def join_and_stand_still() -> None:
        app.voice.carry_out(app.stream, o.Join("join", leg, other))
        time.sleep(2 * HOLD_S)

    app.run(join_and_stand_still)
    app.wait(s.Joined, JOIN_S)
    app.quiet(2 * HOLD_S)
    they_talk(world, caller, agent)
    assert_story(app, [arrived(), *JOINING], {"agent": other})


def test_a_talk_is_recorded_in_two_channels(world: World, app: Application) -> None:
    """Caller left, agent right, each alone."""
    caller, agent, leg, other = talk(world, app, RECORDING)
    they_talk(world, caller, agent)
    world.speak(caller, world.said_s)
    app.on(s.LegEnded, lambda end: o.StopRecording(leg, RECORDING) if end.leg == other else None)
    agent.hangup()
    app.wait(s.RecordingEnded)
    app.back()
    assert_story(
        app, [arrived(), *JOINING, {RECORDED, ended("agent", by="agent"), BACK}], {"agent": other}
    )
    if world.audible:
        sound = audio.read(world.var / RECORDING)
        assert len(sound.channels) == 2
        left, right = (audio.part(channel, 0.3, -0.2) for channel in sound.channels)
        assert audio.tone_share(left, CALLER_HZ) > 0.9 and audio.tone_share(right, AGENT_HZ) > 0.9
        assert abs(app.seen(s.RecordingEnded)[0].duration_s - sound.duration_s) < 0.3


def test_stop_recording(world: World, app: Application) -> None:
    """The talk goes on without; what was recorded is on disk."""
    caller, agent, leg, other = talk(world, app, RECORDING)
    soon((world.var / RECORDING).exists, "the recording has begun") if world.audible else app.quiet()
    they_talk(world, caller, agent)
    app.order(o.StopRecording(leg, RECORDING))
    app.wait(s.RecordingEnded)
    they_talk(world, caller, agent)
    assert_story(app, [arrived(), *JOINING, RECORDED], {"agent": other})


def test_a_recording_that_cannot_be_written_does_not_hurt_the_talk(world: World, app: Application) -> None:
    (world.var / "recordings").mkdir(exist_ok=True)
    (world.var / "recordings" / "a-file").write_text("in the way of a folder")
    caller, agent, leg, other = talk(world, app, "recordings/a-file/talk.wav")
    app.wait(s.RecordingFailed)
    they_talk(world, caller, agent)
    assert app.seen(s.RecordingFailed)[0].path == "recordings/a-file/talk.wav"


def test_the_caller_hangs_up_in_the_talk(world: World, app: Application) -> None:
    """The agent's leg ends with it."""
    caller, agent, leg, other = talk(world, app)
    caller.hangup()
    agent.wait_for("disconnected")
    app.wait(s.LegEnded)
    app.wait(s.LegEnded)
    assert_story(
        app, [arrived(), *JOINING, ended(), ended("agent", by="application")], {"agent": other}
    )


@pytest.mark.parametrize("side", ["caller", "agent"])
def test_the_application_ends_one_side_of_the_talk(world: World, app: Application, side: str) -> None:
    """Of the caller: both are gone. Of the agent: the caller is back."""
    caller, agent, leg, other = talk(world, app)
    app.order(o.HangUp(leg if side == "caller" else other))
    agent.wait_for("disconnected")
    app.wait(s.LegEnded, leg=other)
    if side == "caller":
        caller.wait_for("disconnected")
        rest = [{ended(by="application"), ended("agent", by="application")}]
    else:
        app.back()
        rest = [{ended("agent", by="application"), BACK}]
    assert_story(app, [arrived(), *JOINING, *rest], {"agent": other})


def test_a_second_talk_after_the_first(world: World, app: Application) -> None:
    """The way back works again: its settings are made for every join."""
    caller, agent, leg, other = talk(world, app)
    agent.hangup()
    app.back()
    app.order(o.Play("music2", leg, MUSIC, endless=True))
    agent.skip()
    second = ring(app)
    app.wait(s.LegAnswered, leg=second)
    app.order(o.Join("join2", leg, second))
    app.wait(s.Joined)
    they_talk(world, caller, agent)
    agent.hangup()
    app.back()
    assert_story(
        app,
        [
            arrived(), *JOINING, {ended("agent", by="agent"), BACK}, told("LegAnswered", leg="second"),
            played("music2", "stopped"), told("Joined", ref="join2", leg="caller", other="second"),
            {ended("second", by="agent"), BACK},
        ],
        {"agent": other, "second": second},
    )  # fmt: skip


def test_join_to_a_leg_that_is_gone(world: World, app: Application) -> None:
    """JoinFailed, and the caller is as before: what plays goes on, the next Play is played."""
    agent = world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, MUSIC, endless=True))
    other = ring(app)
    app.wait(s.LegAnswered)
    agent.hangup()
    app.wait(s.LegEnded)
    app.order(o.Join("join", leg, other))
    app.wait(s.JoinFailed)
    assert app.at(s.JoinFailed) - app.at(o.Join) < 1.0
    hears(world, caller, 1000)
    app.order(o.Play("p2", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, ref="p2")
    assert_story(
        app,
        [
            arrived(), ANSWERED, ended("agent", by="agent"),
            told("JoinFailed", ref="join", reason="-ERR Invalid uuid"), played("music", "stopped"), played("p2"),
        ],
        {"agent": other},
    )  # fmt: skip
    assert world.api("uuid_getvar", f"{leg} socket_resume") == "true"


def test_keys_pressed_in_a_talk_are_the_talks(world: World, app: Application) -> None:
    """The agent's phone gets them; nothing of them reaches the application."""
    caller, agent, leg, other = talk(world, app)
    they_talk(world, caller, agent)
    caller.digits("42")
    if world.sip:
        agent.wait_until(lambda phone: [each["digit"] for each in phone.seen("digit")[-2:]] == ["4", "2"], 3, "keys")
    app.quiet()
    assert app.seen(s.DigitPressed) == []


def test_the_caller_leaves_while_the_agent_rings(world: World, app: Application) -> None:
    agent = world.agent()
    caller, leg = call_in(world, app)
    other = ring(app)
    agent.wait_for("incoming")
    caller.hangup()
    app.wait(s.LegEnded, leg=leg)
    app.order(o.HangUp(other, "cancelled"))
    agent.wait_for("disconnected")
    app.wait(s.LegEnded, leg=other)
    rest = ended("agent", "cancelled", "ORIGINATOR_CANCEL", "application")
    assert_story(app, [arrived(), ended(), rest], {"agent": other})


def test_join_when_the_caller_is_gone(world: World, app: Application) -> None:
    """The agent answered a moment after the caller left: JoinFailed, and the agent's leg is still ours to end."""
    world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    other = ring(app)
    app.wait(s.LegAnswered)
    caller.hangup()
    app.wait(s.LegEnded, leg=leg)
    soon(lambda: leg not in world.legs(), "the caller is gone")
    app.order(o.Join("join", leg, other))
    app.wait(s.JoinFailed)
    app.order(o.HangUp(other))
    app.wait(s.LegEnded, leg=other)
    failed = told("JoinFailed", ref="join", reason="-ERR Invalid uuid")
    assert_story(app, [arrived(), ANSWERED, ended(), failed, ended("agent", by="application")], {"agent": other})


