"""The end of a recording that the switch told nobody, because the control line was down."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from contract_application import Application
from contract_moves import soon, talk
from contract_worlds import World

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.interaction import Interaction
from switch_app.switches.recording_ends import RecordingEnds, length

PATH = "recordings/2026-01-02/untold-1.wav"


@pytest.mark.parametrize("by_caller", [True, False])
def test_it_is_found_and_its_file_says_how_long_it_is(world: World, app: Application, by_caller: bool) -> None:
    (world.var / PATH).unlink(missing_ok=True)
    caller, agent, leg, other = talk(world, app, PATH)
    stream = app.stream
    ends = RecordingEnds(app.line, app.var, app._take)
    app.on(s.RecordingEnded, lambda signal: ends.watch(stream, f.RecordingKept(signal.path, "conversation"), leg))
    ends.watch(stream, f.AgentConnected("offer", "1001", other, "sales", 1.0, 1.0, PATH), leg)
    soon((world.var / PATH).exists, "the recording has begun")
    world.speak(caller, 1.0)
    app.run(app.line.stop)
    (caller if by_caller else agent).hangup()
    soon(lambda: not world.api("uuid_exists", other).startswith("true"), "the talk is over")
    app.run(app.line.start)
    app.wait_up()
    for _ in range(2):  # nobody has told of the talk's end
        app.run(ends.look)
        app.quiet()
    assert not app.seen(s.RecordingEnded)
    ends.watch(stream, f.ConversationEnded("offer", "1001", 1.0, "agent"), leg)
    app.until(lambda: (app.run(ends.look), app.quiet(), found(app))[-1], "its end is found")
    for _ in range(2):
        app.run(ends.look)
        app.quiet()
    told = found(app)
    assert [each.path for each in told] == [PATH], "once"
    if world.audible:
        assert isinstance(told[0], s.RecordingEnded) and 0.5 < told[0].duration_s < 4 and not told[0].cut


def found(app: Application) -> list[s.RecordingEnded | s.RecordingFailed]:
    return [each.signal for each in app.heard if isinstance(each.signal, s.RecordingEnded | s.RecordingFailed)]


def test_one_that_still_runs_is_stopped(world: World, app: Application) -> None:
    """The order to stop it went with the line."""
    (world.var / PATH).unlink(missing_ok=True)
    caller, agent, leg, other = talk(world, app, PATH)
    soon((world.var / PATH).exists, "the recording has begun")
    world.speak(caller, 0.5)
    state = Interaction(interaction=leg, leg=leg)
    state.recordings[PATH] = False
    ends = RecordingEnds(app.line, app.var, app._take)
    ends.remember(app.stream, state)
    app.run(ends.look)
    ended = app.wait(s.RecordingEnded)
    assert ended.path == PATH
    ends.watch(app.stream, f.RecordingKept(PATH, "conversation"), leg)
    for _ in range(2):
        app.run(ends.look)
        app.quiet()
    assert len(app.seen(s.RecordingEnded)) == 1
    caller.hangup()


def test_of_a_file_whose_writer_died(tmp_path: Path) -> None:
    """Its header says that there is nothing in it."""
    path = tmp_path / "cut.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"")
    assert length(path) == (0.0, False)
    with path.open("ab") as more:
        more.write(bytes(4 * 12_000))
    assert length(path) == (1.5, True)
    path.write_bytes(b"RIFF")
    assert length(path) is None and length(tmp_path / "none.wav") is None
