"""One caller's ears: exactly one result for each Play, and never two sounds at once."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from switch_app.core.orders import Play
from switch_app.core.signals import PlayEnded
from switch_app.esl.message import Event
from switch_app.switches.player import BROKEN, MISSING, Player

PLAYED = "FILE PLAYED"


def completion(tag: str, response: str, state: str = "answered") -> Event:
    lines = ["Event-Name: CHANNEL_EXECUTE_COMPLETE", f"Application-UUID: {tag.replace(':', '%3A')}"]
    lines += [f"Application-Response: {response.replace(' ', '%20')}", f"Answer-State: {state}"]
    return Event("\n".join(lines).encode() + b"\n\n")


class Ears:
    """A leg of a switch: it runs what is executed, and would notice a second sound inside a first."""

    def __init__(self, on_result: Callable[[PlayEnded], None] = lambda signal: None) -> None:
        self.running: list[str] = []
        self.heard: list[tuple[str, str]] = []
        self.results: list[PlayEnded] = []
        self.breaks = 0
        self.held = False
        self.voices: list[tuple[tuple[str, ...], Callable[[list[str]], None]]] = []  # that speak now
        self.forgotten = 0
        self._on_result = on_result
        self.player = Player(self._execute, self._break, self._playable, self._tell, self._speak)

    def _execute(self, app: str, arg: str, tag: str) -> None:
        assert app == "playback"
        self.running.append(tag)
        self.heard.append((arg, tag))
        assert len(self.running) == 1, "a second sound inside the first"
        assert not self.held, "a sound inside the bridge"

    def _break(self) -> None:
        assert self.running, "nothing plays that could be broken off"
        self.breaks += 1

    def _speak(self, sounds: tuple[str, ...], ready: Callable[[list[str]], None]) -> Callable[[], None]:
        voice = (tuple(sounds), ready)
        self.voices.append(voice)
        assert len(self.voices) == 1, "a second voice for one leg"

        def forget() -> None:
            self.forgotten += 1
            self.voices.remove(voice)

        return forget

    def spoken(self, failed: bool = False) -> None:
        """The voice is done."""
        sounds, ready = self.voices.pop()
        ready(["tone" if failed else each.replace("text:zh:", "/spoken/") for each in sounds])

    def _playable(self, order: Play) -> str:
        if "bad" in order.sounds:
            raise ValueError("not a sound")
        return "!".join(order.sounds)

    def _tell(self, signal: PlayEnded) -> None:
        self.results.append(signal)
        self._on_result(signal)

    def hold(self) -> None:
        self.held = True
        self.player.hold()

    def release(self) -> None:
        self.held = False
        self.player.release()

    def complete(self, response: str = PLAYED, state: str = "answered") -> None:
        tag = self.running.pop()
        assert self.player.completed(completion(tag, response, state))

    def ended(self) -> list[tuple[str, str]]:
        return [(each.ref, each.result) for each in self.results]


def play(ref: str, sound: str = "a", endless: bool = False) -> Play:
    return Play(ref, "leg", (sound,), endless)


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
    ears.complete()  # the bridge, or the break before it, has ended the prompt
    assert ears.running == [] and ears.ended() == [("prompt", "stopped")]
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


class AnyOrder(RuleBasedStateMachine):
    """Plays, stops, completions, refusals, and flows that react, in any order."""

    @initialize(reacts=st.booleans())
    def begin(self, reacts: bool) -> None:
        logging.disable(logging.ERROR)
        self.reacts, self.count = reacts, 0
        self.ears = Ears(self.result)
        self.open: set[str] = set()

    def teardown(self) -> None:
        logging.disable(logging.NOTSET)
        if not hasattr(self, "ears"):
            return
        self.reacts = False
        self.ears.release()
        self.ears.player.silence()
        while self.ears.running or self.ears.voices:
            self.ears.complete() if self.ears.running else self.ears.spoken()
        assert self.open == set(), "a Play without a result"

    def result(self, signal: PlayEnded) -> None:
        assert signal.ref in self.open, "a result that nobody waits for"
        self.open.remove(signal.ref)
        if self.reacts and self.count % 3 == 0:
            self.order("a", endless=self.count % 2 == 0)

    def order(self, sound: str, endless: bool) -> None:
        self.count += 1
        self.open.add(str(self.count))
        self.ears.player.play(play(str(self.count), sound, endless))

    @precondition(lambda self: self.ears.voices)
    @rule(failed=st.booleans())
    def spoken(self, failed: bool) -> None:
        self.ears.spoken(failed)

    @precondition(lambda self: self.ears.voices)
    @rule()
    def taken_meanwhile(self) -> None:
        self.ears.player.taken()

    @rule(sound=st.sampled_from(["a", "b", "bad", "text:zh:hello", "text:zh:bad"]), endless=st.booleans())
    def play(self, sound: str, endless: bool) -> None:
        self.order(sound, endless)

    @rule()
    def silence(self) -> None:
        self.ears.player.silence()

    @precondition(lambda self: self.ears.running)
    @rule(response=st.sampled_from([PLAYED, PLAYED, PLAYED, MISSING, BROKEN]))
    def complete(self, response: str) -> None:
        self.ears.complete(response)

    @precondition(lambda self: self.ears.running)
    @rule()
    def refuse(self) -> None:
        self.ears.player.refused(self.ears.running.pop())

    @precondition(lambda self: self.ears.running)
    @rule()
    def taken(self) -> None:
        self.ears.running.clear()
        self.ears.player.taken()

    @rule()
    def hold(self) -> None:
        self.ears.hold()

    @rule()
    def release(self) -> None:
        self.ears.release()

    @rule(tag=st.sampled_from(["play:1:0", "play:2:5", "answer", "record:1"]))
    def stray_completion(self, tag: str) -> None:
        if tag not in self.ears.running:
            self.ears.player.completed(completion(tag, PLAYED))

    @invariant()
    def one_at_a_time(self) -> None:
        if hasattr(self, "ears"):
            assert len(self.ears.running) + len(self.ears.voices) <= 1


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(st.lists(st.sampled_from(["play", "endless", "silence", "done"]), max_size=30))
def test_silence_ends_everything(steps: list[str]):
    """After StopPlay and the completion that it brings, nothing plays, whatever was before."""
    ears = Ears()
    for number, step in enumerate(steps):
        if step in ("play", "endless"):
            ears.player.play(play(str(number), endless=step == "endless"))
        elif step == "silence":
            ears.player.silence()
        elif ears.running:
            ears.complete()
    ears.player.silence()
    if ears.running:
        ears.complete()
    assert ears.running == []
    wanted = {str(number) for number, step in enumerate(steps) if step in ("play", "endless")}
    assert {each.ref for each in ears.results} == wanted and len(ears.results) == len(wanted)
