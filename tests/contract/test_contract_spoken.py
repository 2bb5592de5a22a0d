"""A voice that takes its time: nobody hears what was broken off before it spoke, and a bridge or an end is no trap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from contract_application import Application
from contract_moves import PROMPT_HZ, call_in, falls_silent, hears, tone
from contract_story import arrived, assert_story, ended, played
from contract_worlds import World

from switch_app.core import orders as o
from switch_app.core import signals as s

WORDS = ("text:zh:尊敬的客户",)
Ready = Callable[[Sequence[str]], None]


class SlowVoice:
    """Speaks when the test says so; `waiting` are those who have not been told, and did not forget."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self.waiting: list[Ready] = []
        app.run(lambda: setattr(app.voice, "_speak", self._speak))

    def _speak(self, sounds: Sequence[str], ready: Ready) -> Callable[[], None]:
        assert tuple(sounds) == WORDS
        self.waiting.append(ready)
        return lambda: self.waiting.remove(ready)

    def asked(self) -> None:
        self._app.until(lambda: self.waiting, "the voice is asked")

    def done(self, *files: str) -> None:
        self.asked()
        self._app.run(lambda: self.waiting.pop()(files))


@pytest.fixture
def voice(app: Application) -> Iterator[SlowVoice]:
    voice = SlowVoice(app)
    yield voice
    assert voice.waiting == []


def test_what_the_voice_has_spoken_is_heard(world: World, app: Application, voice: SlowVoice) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, WORDS))
    voice.asked()
    falls_silent(world, caller)
    voice.done(str(world.sounds / world.sound("spoken.wav", PROMPT_HZ, 1.5)))
    hears(world, caller, PROMPT_HZ)
    app.wait(s.PlayEnded)
    caller.hangup()
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), played("p1"), ended()])


def test_a_stop_before_the_voice_is_done(world: World, app: Application, voice: SlowVoice) -> None:
    """At once, by no word to the switch, and the next sound begins."""
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, WORDS))
    voice.asked()
    app.order(o.StopPlay(leg))
    app.wait(s.PlayEnded, ref="p1")
    assert app.at(s.PlayEnded) - app.at(o.StopPlay) < 1.0
    app.order(o.Play("p2", leg, WORDS))
    voice.asked()
    app.order(o.Play("p3", leg, tone(PROMPT_HZ, 300)))
    app.wait(s.PlayEnded, ref="p3")
    assert_story(app, [arrived(), played("p1", "stopped"), played("p2", "stopped"), played("p3")])


def test_a_hang_up_before_the_voice_is_done(world: World, app: Application, voice: SlowVoice) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, WORDS))
    voice.asked()
    caller.hangup()
    app.wait(s.LegEnded)
    app.until(lambda: not voice.waiting, "the voice is told to forget it")
    assert_story(app, [arrived(), ended()])


def test_a_voice_that_gives_up_is_a_tone_and_the_call_goes_on(world: World, app: Application, voice: SlowVoice) -> None:
    caller, leg = call_in(world, app)
    app.order(o.Play("p1", leg, WORDS))
    voice.done(*tone(350, 250))
    app.wait(s.PlayEnded)
    app.order(o.Play("p2", leg, tone(PROMPT_HZ, 100)))
    app.wait(s.PlayEnded, ref="p2")
    assert_story(app, [arrived(), played("p1"), played("p2")])
