"""One caller's ears, whatever comes in whatever order."""

from __future__ import annotations

import logging

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from player_ears import PLAYED, Ears, completion, play

from switch_app.core.signals import PlayEnded
from switch_app.switches.player import BROKEN, MISSING


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

    @rule(passed_s=st.sampled_from([0.5, 2.0]))
    def wait(self, passed_s: float) -> None:
        self.ears.now += passed_s

    @rule()
    def gone(self) -> None:
        """The socket's end: no more results, and the bridge that waits does not wait on."""
        self.ears.running.clear()
        self.open.clear()
        self.ears.player.gone()

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
