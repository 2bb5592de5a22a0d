"""A caller's phone at the embedded switch: what it hears, the keys it presses, the message it leaves."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from softswitch_lab import Lab, power, wav_channels
from softswitch_trio import NEEDS_PHONES, Trio, arrive, join

pytestmark = NEEDS_PHONES


# --- it rings ----------------------------------------------------------------------------------------


def test_early_media_is_heard_before_the_answer(lab: Lab, trio: Trio, tmp_path: Path) -> None:
    caller = trio[0]
    caller.call("4100")
    session = lab.session().begin()
    session.execute("playback", "tone_stream://%(60000,0,500)", wait=False)
    assert caller.wait_for("ringing")["code"] == 183
    caller.listen(tmp_path / "early.wav", 0.7)
    assert power(wav_channels(tmp_path / "early.wav")[0][2000:5000], 500) > 0.9
    assert lab.esl.event("CHANNEL_PROGRESS_MEDIA").get("Answer-State") == "early"
    assert not caller.seen("confirmed")
    session.execute("answer")
    caller.wait_for("confirmed")


def test_the_caller_gives_up_while_it_rings(lab: Lab, trio: Trio) -> None:
    trio[0].call("4100")
    session = lab.session().begin()
    session.execute("ring_ready")
    assert trio[0].wait_for("ringing")["code"] == 180
    trio[0].hangup()
    assert session.event("CHANNEL_HANGUP").get("Hangup-Cause") == "ORIGINATOR_CANCEL"


# --- keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["rfc4733", "info"])
def test_digits_in(lab: Lab, trio: Trio, method: str) -> None:
    session = arrive(lab, trio[0])
    trio[0].digits("1234567890*#", method)
    events = [session.event("DTMF") for _ in range(12)]
    assert "".join(e.get("DTMF-Digit", "") for e in events) == "1234567890*#"
    assert {e.get("DTMF-Source") for e in events} == {"RTP" if method == "rfc4733" else "INFO"}


def test_digits_out_and_through_a_bridge(lab: Lab, trio: Trio) -> None:
    caller, agent, _ = trio
    session = arrive(lab, caller)
    session.execute("send_dtmf", "159#")
    for digit in "159#":
        assert caller.wait_for("digit")["digit"] == digit
    join(lab, session, agent)
    agent.digits("42")
    assert [caller.wait_for("digit")["digit"] for _ in range(2)] == ["4", "2"]


def test_play_and_get_digits(lab: Lab, trio: Trio) -> None:
    session = arrive(lab, trio[0])
    arguments = "3 5 2 3000 # tone_stream://%(3000,0,440) silence_stream://20 pin ^\\d+$ 1500"
    session.execute("play_and_get_digits", arguments, wait=False)
    trio[0].digits("1234#")
    done = session.event("CHANNEL_EXECUTE_COMPLETE")
    assert done.get("variable_pin") == "1234"


# --- sounds ------------------------------------------------------------------------------------------


def test_playback_stops_at_its_terminator_only(lab: Lab, trio: Trio) -> None:
    session = arrive(lab, trio[0])
    session.execute("set", "playback_terminators=#")
    session.execute("playback", "tone_stream://%(60000,0,440)", wait=False)
    trio[0].digits("5#")
    done = session.event("CHANNEL_EXECUTE_COMPLETE", where=lambda e: e.get("Application") == "playback")
    assert done.get("variable_playback_terminator_used") == "#"
    missing = session.execute("playback", "no-such-file.wav")
    assert missing and missing.get("Application-Response") == "FILE NOT FOUND"


def test_a_second_playback_runs_inside_the_first(lab: Lab, trio: Trio, tmp_path: Path) -> None:
    """As FreeSWITCH polls an async socket while a file plays: music, an announcement, music again."""
    caller = trio[0]
    session = arrive(lab, caller)
    session.execute("endless_playback", "tone_stream://%(5000,0,400)", wait=False)
    caller.record_to(tmp_path / "heard.wav")
    time.sleep(0.5)
    done = session.execute("playback", "tone_stream://%(500,0,900)")
    assert done and done.get("Application-Data", "").endswith("900)")
    time.sleep(0.5)
    caller.stop_recording()
    (heard,) = wav_channels(tmp_path / "heard.wav")
    found = [
        max((400, 900), key=lambda hz: power(heard[at : at + 1600], hz))
        for at in range(0, len(heard) - 1600, 1600)
    ]
    assert found[0] == found[-1] == 400
    assert 900 in found


def test_event_lock_makes_the_second_wait(lab: Lab, trio: Trio) -> None:
    session = arrive(lab, trio[0])
    began = time.monotonic()
    session.execute("playback", "silence_stream://600", wait=False, lock=True)
    session.execute("playback", "silence_stream://20")
    assert time.monotonic() - began > 0.55


def test_a_message_is_recorded_until_silence(lab: Lab, trio: Trio) -> None:
    caller = trio[0]
    session = arrive(lab, caller)
    caller.play_tone(600)
    path = lab.folder / "message.wav"
    session.execute("record", f"{path} 20 200 1", wait=False)
    time.sleep(1.0)
    caller.hush()
    done = session.event("CHANNEL_EXECUTE_COMPLETE")
    assert done.get("Application-Response") == "FILE RECORDED"
    (heard,) = wav_channels(path)
    assert power(heard[3000:7000], 600) > 0.9
    assert 1500 <= int(done.get("variable_record_ms", "0")) <= 3500
