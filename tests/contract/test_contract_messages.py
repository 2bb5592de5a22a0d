"""RecordMessage: a caller's message, ended by silence, a key, its length, the hang-up or the application."""

from __future__ import annotations

import audio
import pytest
from contract_application import Application
from contract_moves import PROMPT_HZ, call_in, hears, soon, tone
from contract_rtp import BadLineCaller
from contract_story import arrived, assert_story, ended, played, pressed, told
from contract_worlds import CALLER_HZ, World

from switch_app.core import orders as o
from switch_app.core import signals as s

PATH = "voicemail/2026-01-02/message.wav"
RECORDED = told("RecordEnded", ref="r1", result="done", path=PATH, duration_s="~")


def record(app: Application, leg: str, max_s: float = 20.0, silence_s: float = 1.0, ref: str = "r1") -> None:
    (app.var / PATH).unlink(missing_ok=True)
    app.order(o.RecordMessage(ref, leg, PATH, max_s, silence_s))
    soon((app.var / PATH).exists, "the recording has begun")


def said(world: World) -> audio.Audio:
    sound = audio.read(world.var / PATH)
    assert len(sound.channels) == 1
    return sound


def test_ended_by_silence(world: World, app: Application) -> None:
    """What was said is kept whole, and the flow goes on by itself."""
    caller, leg = call_in(world, app)
    record(app, leg, silence_s=world.silence_s)
    world.speak(caller, world.said_s)
    silent_at = world.hush(caller)
    app.wait(s.RecordEnded)
    assert world.silence_s - 0.2 < app.at(s.RecordEnded) - silent_at < world.silence_s + 1.0
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), RECORDED, played("p1")])
    length_s = app.seen(s.RecordEnded)[0].duration_s
    assert 0 < length_s - world.said_s - world.silence_s < 1.2
    if world.audible:
        sound = said(world)
        assert abs(sound.duration_s - length_s) < 0.3
        assert audio.tone_share(sound.mono, CALLER_HZ) > 0.9
        assert 1.0 < audio.sounding_s(sound.mono) < 1.6


def test_ended_by_a_key(world: World, app: Application) -> None:
    """The key is told too; the flow decides what it means."""
    caller, leg = call_in(world, app)
    record(app, leg, silence_s=4.0)
    world.speak(caller, world.said_s / 2)
    caller.digits("#")
    app.wait(s.RecordEnded)
    assert app.at(s.RecordEnded) - app.at(s.DigitPressed) < 3.0  # its silence would take 4 s
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), *pressed("#"), RECORDED, played("p1")])
    if world.audible:
        assert audio.tone_share(audio.part(said(world).mono, 0.1, 0.5), CALLER_HZ) > 0.9


def test_ended_by_its_length(world: World, app: Application) -> None:
    """FreeSWITCH counts in turns of the clock's second (switch_scheduler.c): up to a second less."""
    caller, leg = call_in(world, app)
    record(app, leg, max_s=world.max_s, silence_s=5.0)
    app.wait(s.RecordEnded)
    assert world.max_s - 1.1 < app.at(s.RecordEnded) - app.at(o.RecordMessage) < world.max_s + 0.6
    assert_story(app, [arrived(), RECORDED])


def test_ended_by_the_hang_up(world: World, app: Application) -> None:
    """The usual end of a message: it is done, not failed."""
    caller, leg = call_in(world, app)
    record(app, leg)
    world.speak(caller, world.said_s / 2)
    caller.hangup()
    app.wait(s.RecordEnded)
    app.until(lambda: app.seen(s.LegEnded), "the leg's end")
    assert_story(app, [arrived(), {RECORDED, ended()}])
    if world.audible:
        assert audio.tone_share(audio.part(said(world).mono, 0.1, 0.5), CALLER_HZ) > 0.9


def test_the_application_hangs_up(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    record(app, leg)
    world.speak(caller, world.said_s / 3)
    app.order(o.HangUp(leg))
    app.wait(s.RecordEnded)
    app.until(lambda: app.seen(s.LegEnded), "the leg's end")
    assert_story(app, [arrived(), {RECORDED, ended(by="application")}])


def test_the_caller_hears_nothing_of_it_and_the_prompt_before_is_not_in_it(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 1200)))
    app.wait(s.PlayEnded)
    record(app, leg)
    world.speak(caller, world.said_s / 2)
    caller.digits("1")
    app.wait(s.RecordEnded)
    if world.audible:
        sound = said(world)
        assert audio.tone_share(sound.mono, PROMPT_HZ) < 0.05
        assert audio.tone_share(audio.part(sound.mono, 0.1, 0.5), CALLER_HZ) > 0.9
    assert_story(app, [arrived(), played("p1"), *pressed("1"), RECORDED])


def test_two_messages_one_after_the_other(world: World, app: Application) -> None:
    """Said again after `press 2 to record it again`."""
    caller, leg = call_in(world, app)
    for number in ("1", "2"):
        record(app, leg, ref=f"r{number}")
        world.speak(caller, world.said_s / 4)
        caller.digits(number)
        app.wait(s.RecordEnded)
    again = told("RecordEnded", ref="r2", result="done", path=PATH, duration_s="~")
    assert_story(app, [arrived(), *pressed("1"), RECORDED, *pressed("2"), again])


def test_a_folder_that_cannot_be_made_fails_at_once(world: World, app: Application) -> None:
    (world.var / "voicemail").mkdir(exist_ok=True)
    (world.var / "voicemail" / "a-file").write_text("in the way of a folder")
    caller, leg = call_in(world, app)
    app.order(o.RecordMessage("r1", leg, "voicemail/a-file/message.wav"))
    app.wait(s.RecordEnded)
    assert app.at(s.RecordEnded) - app.at(o.RecordMessage) < 0.9
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 1500)))
    hears(world, caller, PROMPT_HZ)
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), told("RecordEnded", ref="r1", result="failed"), played("p1")])


def test_a_message_of_a_leg_that_is_gone_fails(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    caller.hangup()
    app.wait(s.LegEnded)
    app.quiet()
    app.order(o.RecordMessage("r1", leg, PATH))
    app.wait(s.RecordEnded)
    assert_story(app, [arrived(), ended(), told("RecordEnded", ref="r1", result="failed")])


def test_a_message_over_a_bad_line(world: World, app: Application) -> None:
    """A tenth of the packets is lost, some come twice or in the wrong order: the message keeps its length and its sound."""
    if not world.sip:
        pytest.skip("a double without SIP knows no RTP")
    with BadLineCaller(world.server, b"<sip:13800000001@phone.example>", seed=4) as caller:
        caller.invite()
        leg = app.arrived()
        assert caller.wait_answer() == 200
        record(app, leg)
        caller.speak(CALLER_HZ, 4.0)
    app.wait(s.RecordEnded)
    sound = said(world)
    assert 3.4 < sound.duration_s < 5.0
    spoken = audio.part(sound.mono, 0.5, 3.3)
    assert audio.loudest_tone(spoken) == CALLER_HZ and audio.sounding_s(spoken) > 2.2
