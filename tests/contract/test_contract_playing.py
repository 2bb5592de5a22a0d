"""What a caller hears: to the end, broken off, replaced, endless, and not there at all."""

from __future__ import annotations

import audio
import pytest
from contract_application import Application
from contract_moves import MUSIC, MUSIC_HZ, PROMPT_HZ, call_in, falls_silent, heard, hears, tone
from contract_story import arrived, assert_story, ended, played, pressed
from contract_worlds import World

from switch_app.core import orders as o
from switch_app.core import signals as s

BARGE_IN_S = 0.1  # the quickest of TRIES: a busy machine may be late once, not each time
TRIES = 4
LATE_S = 0.5  # of one try
LEAD_S = 0.25  # of silence before a file_string (mod_dptools.c, next_file), on FreeSWITCH


def test_play_to_the_end(world: World, app: Application) -> None:
    """Two files and a silence are one Play: done when the last sample is out, not long after."""
    first, second = world.sound("a.wav", 500, 0.4), world.sound("b.wav", PROMPT_HZ, 0.4)
    caller, leg = call_in(world, app)
    caller.record_to(world.folder / "two.wav")
    app.order(o.Play("p1", leg, (first, "silence:200", second)))
    app.wait(s.PlayEnded)
    took_s = app.at(s.PlayEnded) - app.at(o.Play)
    caller.hangup()
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), played("p1"), ended()])
    assert 0.95 <= took_s <= 1.0 + LEAD_S + 0.15
    if world.audible:
        caller.wait_for("recorded")
        samples = audio.read(world.folder / "two.wav").mono
        start = audio.sound_start_s(samples)
        assert start is not None
        assert audio.tone_share(audio.part(samples, start + 0.05, start + 0.35), 500) > 0.9
        assert audio.is_silent(audio.part(samples, start + 0.45, start + 0.55))
        assert audio.tone_share(audio.part(samples, start + 0.65, start + 0.95), PROMPT_HZ) > 0.9


def test_barge_in(world: World, app: Application) -> None:
    """A key stops the prompt within 100 ms, and the line is silent."""
    caller, leg = call_in(world, app)
    app.on(s.DigitPressed, lambda digit: o.StopPlay(leg))
    took_s, story = [], [arrived()]
    for key in "7890"[:TRIES]:
        app.order(o.Play(f"p{key}", leg, tone(PROMPT_HZ, 8000)))
        hears(world, caller, PROMPT_HZ)
        caller.digits(key)
        app.wait(s.PlayEnded, ref=f"p{key}")
        took_s.append(app.at(s.PlayEnded, ref=f"p{key}") - app.at(s.DigitPressed, digit=key))
        falls_silent(world, caller)
        story += [*pressed(key), played(f"p{key}", "stopped")]
    assert min(took_s) < BARGE_IN_S
    caller.hangup()
    app.wait(s.LegEnded)
    assert_story(app, [*story, ended()])


def test_a_play_replaces_a_play(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("p0", leg, tone(PROMPT_HZ, 8000)))
    hears(world, caller, PROMPT_HZ)
    took_s = []
    for number in range(TRIES):
        hz, ms = ((MUSIC_HZ, PROMPT_HZ)[number % 2], 600 if number == TRIES - 1 else 8000)
        app.order(o.Play(f"p{number + 1}", leg, tone(hz, ms)))
        app.wait(s.PlayEnded, ref=f"p{number}")
        took_s.append(app.at(s.PlayEnded, ref=f"p{number}") - app.at(o.Play, ref=f"p{number + 1}"))
        hears(world, caller, hz)
    assert min(took_s) < BARGE_IN_S
    app.wait(s.PlayEnded, ref=f"p{TRIES}")
    replaced = [played(f"p{number}", "stopped") for number in range(TRIES)]
    assert_story(app, [arrived(), *replaced, played(f"p{TRIES}")])


def test_plays_given_at_once_end_in_their_order_and_only_the_last_is_heard(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    app.order(*(o.Play(f"p{n}", leg, tone(300 + 100 * n, 300)) for n in (1, 2, 3, 4)))
    app.wait(s.PlayEnded, ref="p4")
    results = {each.ref: each.result for each in app.seen(s.PlayEnded)}
    assert results == {"p1": "stopped", "p2": "stopped", "p3": "stopped", "p4": "done"}
    app.quiet()
    assert len(app.seen(s.PlayEnded)) == 4


@pytest.mark.parametrize("kind", ["tone", "file"])
def test_endless_music_goes_on_until_it_is_stopped(world: World, app: Application, kind: str) -> None:
    """Longer than one round of the sound, without a hole."""
    music = MUSIC if kind == "tone" else (world.sound("music.wav", MUSIC_HZ, 0.2),)
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, music, endless=True))
    hears(world, caller, MUSIC_HZ)
    if world.audible:
        samples = heard(caller, world.folder, 0.8)
        assert audio.sounding_s(samples) > 0.7
        assert audio.tone_share(samples, MUSIC_HZ) > 0.9
    assert app.seen(s.PlayEnded) == []
    app.order(o.StopPlay(leg))
    app.wait(s.PlayEnded)
    assert app.at(s.PlayEnded) - app.at(o.StopPlay) < LATE_S
    falls_silent(world, caller)
    assert_story(app, [arrived(), played("music", "stopped")])


def test_a_stop_right_behind_a_play_is_not_lost(world: World, app: Application) -> None:
    """As when a queue turns out to be empty: its music is ordered and stopped in one breath."""
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, tone(MUSIC_HZ, 8000), endless=True), o.StopPlay(leg), o.Play("p1", leg, tone(500, 200)))
    app.wait(s.PlayEnded, ref="p1")
    assert app.at(s.PlayEnded, ref="p1") - app.at(o.StopPlay) < 1.0
    assert_story(app, [arrived(), played("music", "stopped"), played("p1")])


def test_endless_music_begins_another_round(world: World, app: Application) -> None:
    """The rounds of one Play are the application's business: its result is still the one of the end."""
    caller, leg = call_in(world, app)
    sound = tone(MUSIC_HZ, 20)  # 15 pieces a round: 0.3 s
    app.order(o.Play("music", leg, sound, endless=True))
    app.until(lambda: app.voice.callers[leg]._player._rounds >= 2, "two rounds are over")
    app.order(o.StopPlay(leg))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), played("music", "stopped")])


def test_a_missing_file_fails(world: World, app: Application) -> None:
    """At once, and the caller is still there."""
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, ("no-such-file.wav",)))
    app.wait(s.PlayEnded)
    assert app.at(s.PlayEnded) - app.at(o.Play) < 1.0
    app.order(o.Play("p2", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded, ref="p2")
    assert_story(app, [arrived(), played("p1", "failed", "FILE NOT FOUND"), played("p2")])


def test_a_missing_piece_is_left_out(world: World, app: Application) -> None:
    """What is there is heard: a caller is better served by half a prompt than by none."""
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, ("no-such-file.wav", world.sound("b.wav", PROMPT_HZ, 0.4))))
    app.wait(s.PlayEnded)
    assert app.at(s.PlayEnded) - app.at(o.Play) > 0.38
    assert_story(app, [arrived(), played("p1")])


def test_endless_music_that_is_missing_fails_once(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, ("no-such-file.wav",), endless=True))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), played("music", "failed", "FILE NOT FOUND")])


def test_stop_of_nothing_is_nothing(world: World, app: Application) -> None:
    """And does not break what is played afterwards."""
    caller, leg = call_in(world, app)
    app.order(o.StopPlay(leg), o.Play("p1", leg, tone(PROMPT_HZ, 300)))
    app.wait(s.PlayEnded)
    assert app.at(s.PlayEnded) - app.at(o.Play) > 0.28
    assert_story(app, [arrived(), played("p1")])


def test_the_caller_hangs_up_in_a_prompt(world: World, app: Application) -> None:
    """The leg's end is the news; the play has no result of its own any more."""
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 8000)))
    hears(world, caller, PROMPT_HZ)
    caller.hangup()
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), ended()])
    assert app.voice.callers == {}


def test_the_application_hangs_up_in_a_prompt(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 8000)), o.HangUp(leg))
    caller.wait_for("disconnected")
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), ended(by="application")])


def test_a_play_for_a_leg_that_is_gone_fails(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    caller.hangup()
    app.wait(s.LegEnded)
    app.quiet()
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 100)))
    app.wait(s.PlayEnded)
    assert_story(app, [arrived(), ended(), played("p1", "failed", "not in the socket")])
