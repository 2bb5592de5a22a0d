"""What the application's death does to a message that is recorded: nothing that lasts."""

from __future__ import annotations

from pathlib import PurePath

from contract_application import Application
from contract_moves import call_in, soon
from contract_story import arrived, assert_story, ended, told
from contract_worlds import World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.phones.phone import Phone

BACK = arrived()
FIRST, SECOND = "voicemail/2026-01-02/first.wav", "voicemail/2026-01-02/second.wav"


def speaks(world: World, app: Application, caller: Phone, leg: str, path: str) -> None:
    (world.var / path).unlink(missing_ok=True)
    app.order(o.RecordMessage(PurePath(path).stem, leg, path))
    soon((world.var / path).exists, "the recording has begun")
    world.speak(caller, 0.4)


def back_from_a_death(world: World, app: Application) -> tuple[Phone, str]:
    """A caller who speaks the first message, and its leg."""
    caller, leg = call_in(world, app)
    speaks(world, app, caller, leg, FIRST)
    app.die()
    app.rise()
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")
    return caller, leg


def test_the_caller_hangs_up(world: World, app: Application) -> None:
    """What was said is on disk."""
    caller, _ = back_from_a_death(world, app)
    caller.hangup()
    app.wait(s.LegEnded)
    app.until(lambda: app.seen(s.RecordingEnded), "the recording's end")
    whole = told("RecordingEnded", leg="caller", path=FIRST, duration_s="~")
    assert_story(app, [arrived(), BACK, {whole, ended()}])


def test_it_ends_when_it_is_told_to(world: World, app: Application) -> None:
    """Its caller is asked for another one."""
    caller, leg = back_from_a_death(world, app)
    app.order(o.StopRecording(leg, FIRST))
    app.wait(s.RecordingEnded)
    speaks(world, app, caller, leg, SECOND)
    caller.hangup()
    app.wait(s.LegEnded)
    app.until(lambda: app.seen(s.RecordEnded), "the other one's end")
    first = told("RecordingEnded", leg="caller", path=FIRST, duration_s="~")
    second = told("RecordEnded", ref="second", result="done", path=SECOND, duration_s="~")
    assert_story(app, [arrived(), BACK, first, {second, ended()}])
