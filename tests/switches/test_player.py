"""One caller's ears: exactly one result for each Play, and never two sounds at once."""

from __future__ import annotations

import pytest
from player_ears import PLAYED, Ears, completion, play

from switch_app.switches.player import BROKEN, MISSING


def test_played_to_the_end():
    ears = Ears()
    ears.player.play(play("1"))
    ears.complete()
    assert ears.ended() == [("1", "done")]


def test_stopped():
    ears = Ears()
    ears.player.play(play("1"))
    ears.player.silence()
    assert ears.ended() == [] and ears.breaks == 1
    ears.complete()
    assert ears.ended() == [("1", "stopped")]


def test_replaced_by_the_newest_of_several():
    ears = Ears()
    for ref in "123":
        ears.player.play(play(ref))
    assert ears.ended() == [("2", "stopped")]
    ears.complete()
    assert ears.ended() == [("2", "stopped"), ("1", "stopped")]
    ears.complete()
    assert ears.ended()[-1] == ("3", "done")


def test_endless_goes_on_in_rounds_of_their_own():
    ears = Ears()
    ears.player.play(play("1", endless=True))
    for _ in range(3):
        ears.complete()
    assert ears.ended() == [] and len({tag for _, tag in ears.heard}) == 4
    ears.player.silence()
    ears.complete()
    assert ears.ended() == [("1", "stopped")]


@pytest.mark.parametrize("endless", [False, True])
def test_a_missing_sound_fails_once(endless: bool, caplog: pytest.LogCaptureFixture):
    ears = Ears()
    ears.player.play(play("1", endless=endless))
    ears.complete(MISSING)
    assert [(each.result, each.detail) for each in ears.results] == [("failed", MISSING)]
    assert "a" in caplog.text


def test_a_sound_that_is_none_fails_and_the_next_one_plays():
    """An author's mistake must not leave the flow without its result."""
    ears = Ears()
    ears.player.play(play("1", "bad"))
    assert [(each.ref, each.result) for each in ears.results] == [("1", "failed")]
    ears.player.play(play("2"))
    ears.player.play(play("3", "bad"))
    ears.complete()
    ears.player.play(play("4"))
    ears.complete()
    assert ears.ended() == [("1", "failed"), ("2", "stopped"), ("3", "failed"), ("4", "done")]


def test_taken_elsewhere():
    """By a bridge: stopped, not failed, and nothing more is played on this leg."""
    ears = Ears()
    ears.player.play(play("1", endless=True))
    ears.player.play(play("2"))
    ears.complete(BROKEN)
    assert ears.ended() == [("1", "stopped"), ("2", "stopped")] and ears.running == []


def test_the_end_of_the_leg_is_the_news():
    ears = Ears()
    ears.player.play(play("1"))
    ears.complete(PLAYED, "hangup")
    ears.player.gone()
    assert ears.ended() == []


@pytest.mark.parametrize("endless", [False, True])
def test_nothing_begins_while_a_bridge_is_under_way(endless: bool):
    """The music that waits for the end of the prompt must not begin inside the bridge."""
    ears = Ears()
    ears.player.play(play("prompt"))
    ears.player.play(play("music", endless=endless))
    ears.hold()
    assert ears.quiet == 0 and ears.breaks == 1
    ears.complete()  # the break has ended the prompt
    assert ears.running == [] and ears.ended() == [("prompt", "stopped")] and ears.quiet == 1
    ears.player.taken()
    assert ears.ended()[-1] == ("music", "stopped") and ears.running == []


def test_what_waited_for_a_bridge_begins_when_there_is_none():
    ears = Ears()
    ears.player.play(play("music", endless=True))
    ears.hold()
    ears.complete()
    ears.player.play(play("sorry"))
    assert ears.running == []
    ears.release()
    assert [sound for sound, _ in ears.heard] == ["a", "a"] and ears.ended() == [("music", "stopped")]
    ears.complete()
    assert ears.ended()[-1] == ("sorry", "done")


def test_silence_is_there_at_once_where_nothing_plays():
    ears = Ears()
    ears.hold()
    assert ears.quiet == 1 and ears.breaks == 0


def test_a_bridge_does_not_wait_for_what_has_long_begun():
    """It ends that itself."""
    ears = Ears()
    ears.player.play(play("music", endless=True))
    ears.now += 1.1
    ears.hold()
    assert ears.quiet == 1 and ears.breaks == 0
    ears.complete(BROKEN)
    assert ears.ended() == [("music", "stopped")]


def test_each_round_of_an_endless_sound_is_begun_anew():
    ears = Ears()
    ears.player.play(play("music", endless=True))
    ears.now += 10
    ears.complete()
    ears.hold()
    assert ears.quiet == 0 and ears.breaks == 1


@pytest.mark.parametrize("endless", [False, True])
def test_what_a_bridge_has_cut_off_begins_again_when_there_is_none(endless: bool):
    """Whether the break is done before or after it is known."""
    for known_first in (False, True):
        ears = Ears()
        ears.player.play(play("1", endless=endless))
        ears.hold()
        assert ears.breaks == 1 and ears.player.stopping
        if known_first:
            ears.release()
        ears.complete()
        ears.release()
        assert ears.running and not ears.player.stopping and ears.ended() == []
        assert ears.quiet == (0 if known_first else 1)


def test_a_bridge_waits_for_silence_no_longer():
    """The socket is gone, or time is up: it is asked for once."""
    ears = Ears()
    ears.player.play(play("1"))
    ears.hold()
    ears.running.clear()
    ears.player.go_on()
    ears.player.gone()
    assert ears.quiet == 1


def test_a_result_that_leads_to_a_newer_play():
    """The flow goes on in the middle of the result: its Play is the one that counts."""
    ears = Ears(lambda signal: ears.player.play(play("new")) if signal.ref == "1" else None)
    ears.player.play(play("1"))
    ears.player.play(play("2"))
    ears.complete()
    ears.complete()
    assert ears.ended() == [("1", "stopped"), ("2", "stopped"), ("new", "done")]


def test_refused():
    ears = Ears()
    ears.player.play(play("1"))
    ears.player.refused(ears.running.pop())
    assert ears.ended() == [("1", "failed")]


def test_others_completions_are_not_ours():
    ears = Ears()
    ears.player.play(play("1"))
    assert not ears.player.completed(completion("play:0:0", PLAYED))
    assert not ears.player.completed(completion("answer", "_none_"))
    assert ears.ended() == []


def test_a_text_is_spoken_first_then_played():
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    assert ears.running == [] and ears.ended() == []
    ears.spoken()
    ears.complete()
    assert [sound for sound, _ in ears.heard] == ["/spoken/hello"] and ears.ended() == [("1", "done")]


def test_a_voice_that_fails_is_a_tone():
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    ears.spoken(failed=True)
    ears.complete()
    assert [sound for sound, _ in ears.heard] == ["tone"] and ears.ended() == [("1", "done")]


def test_barge_in_before_the_voice_is_done():
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    ears.player.silence()
    assert ears.ended() == [("1", "stopped")] and ears.voices == [] and ears.breaks == 0


def test_the_next_sound_does_not_wait_for_a_voice_that_nobody_needs():
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    ears.player.play(play("2", "text:zh:again"))
    ears.player.play(play("3"))
    assert ears.ended() == [("1", "stopped"), ("2", "stopped")] and ears.voices == []
    ears.complete()
    assert [sound for sound, _ in ears.heard] == ["a"] and ears.ended()[-1] == ("3", "done")


def test_hang_up_before_the_voice_is_done():
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    ears.player.gone()
    assert ears.ended() == [] and ears.voices == [] and ears.running == []


def test_a_voice_that_is_told_to_forget_too_late_is_not_heard():
    """The two may pass each other: what comes after the stop plays nothing."""
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    [(_, ready)] = ears.voices
    ears.player.silence()
    ready(["/spoken/hello"])
    assert ears.running == [] and ears.ended() == [("1", "stopped")]


@pytest.mark.parametrize("met", [True, False])
def test_a_voice_that_is_done_during_a_bridge_waits_for_its_end(met: bool):
    ears = Ears()
    ears.player.play(play("1", "text:zh:hello"))
    ears.hold()
    ears.spoken()
    assert ears.running == [] and ears.ended() == []
    if met:
        ears.player.taken()
        assert ears.ended() == [("1", "stopped")] and ears.running == []
    else:
        ears.release()
        ears.complete()
        assert ears.ended() == [("1", "done")] and ears.heard[0][0] == "/spoken/hello"


def test_an_endless_text_is_spoken_once():
    ears = Ears()
    ears.player.play(play("1", "text:zh:wait", endless=True))
    ears.spoken()
    for _ in range(3):
        ears.complete()
    assert len(ears.heard) == 4 and ears.voices == []
