"""Phones in a talk on the embedded switch: hold, codecs, transfer, recordings."""

from __future__ import annotations

import time
from pathlib import Path

from softswitch_lab import Lab, power, wav_channels
from softswitch_trio import NEEDS_PHONES, Trio, arrive, join

from switch_app.esl import commands
from switch_app.phones.phone import Phones

pytestmark = NEEDS_PHONES


def test_hold_and_resume_by_the_phone(lab: Lab, trio: Trio, tmp_path: Path) -> None:
    caller, agent, _ = trio
    session = arrive(lab, caller)
    leg = join(lab, session, agent)
    lab.esl.api("uuid_setvar", f"{leg} hold_music tone_stream://%(5000,0,350)")
    agent.play_tone(800)
    agent.hold()
    assert lab.esl.event("CHANNEL_HOLD").get("Unique-ID") == leg
    caller.listen(tmp_path / "hold.wav", 0.6)
    assert power(wav_channels(tmp_path / "hold.wav")[0][1600:4000], 350) > 0.9
    agent.resume()
    assert lab.esl.event("CHANNEL_UNHOLD").get("Unique-ID") == leg
    caller.listen(tmp_path / "talk.wav", 0.6)
    assert power(wav_channels(tmp_path / "talk.wav")[0][1600:4000], 800) > 0.9


def test_both_laws(lab: Lab, trio: Trio, phones: Phones, tmp_path: Path) -> None:
    agent = trio[1]
    caller = phones.caller("13800000009", lab.server, codecs=("PCMA/8000/1",))
    session = arrive(lab, caller)
    leg = join(lab, session, agent)
    assert lab.esl.api("uuid_dump", f"{session.uuid} plain").count("Codec-Name: PCMA") == 2
    assert "Codec-Name: PCMU" in lab.esl.api("uuid_dump", leg)
    caller.play_tone(700)
    agent.play_tone(900)
    for phone, hz in ((caller, 900), (agent, 700)):
        phone.listen(tmp_path / f"{hz}.wav", 0.6)
        assert power(wav_channels(tmp_path / f"{hz}.wav")[0][1600:4000], hz) > 0.9
    caller.hangup()


def test_blind_transfer_by_the_agent(lab: Lab, trio: Trio) -> None:
    caller, agent, other = trio
    session = arrive(lab, caller)
    join(lab, session, agent)
    other.behave(answer_after_s=0.0)
    agent.transfer("1002")
    agent.wait_until(
        lambda p: any(e["code"] == 200 for e in p.seen("transfer")), 3, "the transfer is accepted"
    )
    agent.wait_for("disconnected")
    other.wait_for("confirmed")
    bridge = lab.esl.event("CHANNEL_BRIDGE")
    assert bridge.get("Unique-ID") == session.uuid
    assert bridge.get("Other-Leg-Destination-Number") == "1002"


# --- recordings --------------------------------------------------------------------------------------


def test_a_recording_of_its_own_limits_ends_in_silence(lab: Lab, trio: Trio, tmp_path: Path) -> None:
    caller = trio[0]
    session = arrive(lab, caller)
    caller.play_tone(600)
    path = tmp_path / "limits.wav"
    limits = "{RECORD_INITIAL_TIMEOUT_MS=9000,RECORD_FINAL_TIMEOUT_MS=1000,RECORD_STEREO=false}"
    lab.esl.ask(commands.events(("RECORD_STOP",)))
    assert lab.esl.api("uuid_record", f"{session.uuid} start {path} 20 {limits}") == "+OK Success"
    time.sleep(1.5)
    caller.hush()
    stopped = lab.esl.event("RECORD_STOP", timeout_s=5)
    assert stopped.get("Record-File-Path") == str(path)
    assert 2200 <= int(stopped.get("variable_record_ms", "0")) <= 4200
    (heard,) = wav_channels(path)
    assert power(heard[3000:7000], 600) > 0.9


def test_a_recording_is_masked_on_time(lab: Lab, trio: Trio, tmp_path: Path) -> None:
    caller, agent, _ = trio
    session = arrive(lab, caller)
    join(lab, session, agent)
    caller.play_tone(700)
    agent.play_tone(1100)
    path = tmp_path / "masked.wav"
    lab.esl.api("uuid_setvar", f"{session.uuid} RECORD_STEREO true")
    lab.esl.api("uuid_record", f"{session.uuid} start {path}")
    time.sleep(0.8)
    assert lab.esl.api("uuid_record", f"{session.uuid} mask {path}") == "+OK Success"
    time.sleep(0.8)
    lab.esl.api("uuid_record", f"{session.uuid} unmask {path}")
    time.sleep(0.8)
    assert lab.esl.api("uuid_record", f"{session.uuid} stop {path}") == "+OK Success"
    left, right = wav_channels(path)
    assert 2.2 < len(left) / 8000 < 2.8
    for samples, hz in ((left, 700), (right, 1100)):
        assert power(samples[2000:5000], hz) > 0.9
        assert max(map(abs, samples[8500:11500])) < 10
        assert power(samples[-5000:-2000], hz) > 0.9
