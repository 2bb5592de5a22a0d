"""A real call, from dial tone to history (R1, R12, R13, R28, R63)."""

from __future__ import annotations

from pathlib import Path

import audio
from centre import Centre, until
from talks import (
    AGENT_HZ,
    CALLER_HZ,
    agent_on_break,
    assert_talk,
    facts,
    go_ready,
    hear,
    take,
    wait_queued,
    waiting,
)


def test_from_dial_tone_to_history(centre: Centre, tmp_path: Path) -> None:
    agent = agent_on_break(centre, "1001")
    caller = centre.caller("13800000001", name="Zhang San")
    caller.play_tone(CALLER_HZ)

    caller.call("4000")
    caller.wait_for("confirmed", 3)
    welcome = hear(caller, tmp_path / "welcome.wav", 2)
    assert not audio.is_silent(welcome)
    assert audio.loudest_tone(welcome) == 0.0  # speech, not the fallback's tone

    caller.digits("11")  # Chinese, sales
    wait_queued(centre, "13800000001", "sales")  # and hears that all are busy
    assert waiting(centre) == ["13800000001"]
    until(lambda: audio.sounding_s(hear(caller, tmp_path / "music.wav", 2)) > 1.5, 30, "music")

    go_ready(agent)
    assert "13800000001" in take(agent)
    assert_talk(caller, agent, tmp_path)
    hear(agent, tmp_path / "longer.wav", 2)  # enough of a recording to measure
    agent.hangup()
    caller.wait_for("disconnected", 15)  # after its good-bye

    history = centre.closed("13800000001")
    assert history["outcome"] == "answered"
    assert history["agent"] == "1001" and history["queue"] == "sales"
    assert history["direction"] == "inbound" and history["channel"] == "voice" and history["to"] == "4000"
    assert history["language"] == "zh"
    assert history["wait_s"] > 1 and history["talk_s"] > 1
    kinds = [fact["kind"] for fact in history["facts"]]
    ordered = ["InteractionOpened", "QueueEntered", "AgentRung", "AgentConnected", "ConversationEnded", "InteractionClosed"]
    assert sorted(ordered, key=kinds.index) == ordered
    assert facts(history, "WorkOffered")[0]["why"]
    assert_recording(centre.var / history["recording"], history["talk_s"])


def assert_recording(path: Path, talk_s: float) -> None:
    """Caller left, agent right; as long as the talk."""
    recording = audio.read(path)
    assert abs(recording.duration_s - talk_s) < 1.5
    left, right = (audio.part(channel, 1.0, -0.5) for channel in recording.channels)
    assert audio.tone_share(left, CALLER_HZ) > 0.9
    assert audio.tone_share(right, AGENT_HZ) > 0.9
