"""First calls on the embedded switch, with real SIP phones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, power, until, wav_channels

from switch_app.esl import commands
from switch_app.phones import phone as phone_module
from switch_app.phones.phone import Phone, PhoneError, Phones

pytestmark = pytest.mark.skipif(not phone_module.available(), reason=phone_module.MISSING)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("switch")) as lab:
        yield lab


@pytest.fixture(scope="module")
def phones() -> Iterator[Phones]:
    with Phones() as phones:
        yield phones


@pytest.fixture
def caller(lab: Lab, phones: Phones) -> Phone:
    return phones.caller("13800000001", lab.server, name="Li Lei")


@pytest.fixture
def agent(lab: Lab, phones: Phones) -> Phone:
    phone = phones.phone("1001", SIP_PASSWORD, lab.server)
    phone.register()
    return phone


def test_a_tone_from_the_dialplan_is_heard(lab: Lab, caller: Phone, tmp_path: Path) -> None:
    caller.call("4001")
    caller.wait_for("confirmed")
    caller.listen(tmp_path / "heard.wav", 0.8)
    caller.wait_for("disconnected")
    heard = wav_channels(tmp_path / "heard.wav")[0][2000:6000]
    parts = sorted(power(heard[start : start + 1000], 440) for start in range(0, 4000, 1000))
    assert parts[1] > 0.9, "a phone that is kept waiting leaves a gap or moves the phase, once"


def test_a_call_is_handed_to_the_application(lab: Lab, caller: Phone) -> None:
    caller.call("4000")
    session = lab.session()
    assert session.data and session.data.get("Caller-Caller-ID-Number") == "13800000001"
    assert session.data.get("Caller-Caller-ID-Name") == "Li Lei"
    assert session.data.get("variable_interaction_id") == session.uuid
    session.begin()
    done = session.execute("answer")
    assert done and done.get("Application") == "answer"
    caller.wait_for("confirmed")
    session.execute("playback", "tone_stream://%(60000,0,440)", wait=False)
    caller.digits("5")
    assert session.event("DTMF").get("DTMF-Digit") == "5"
    assert lab.esl.api("uuid_break", session.uuid) == "+OK"
    done = session.event("CHANNEL_EXECUTE_COMPLETE")
    assert done.get("Application-Response") == "FILE PLAYED"
    caller.hangup()
    assert session.event("CHANNEL_HANGUP").get("Hangup-Cause") == "NORMAL_CLEARING"
    session.event("CHANNEL_HANGUP_COMPLETE")
    until(lambda: not lab.channels(), "no channel is left")


def test_caller_and_agent_are_joined(lab: Lab, caller: Phone, agent: Phone, tmp_path: Path) -> None:
    lab.esl.ask(commands.events(["BACKGROUND_JOB", "CHANNEL_BRIDGE", "CHANNEL_HANGUP_COMPLETE"]))
    caller.call("4000")
    session = lab.session()
    session.begin()
    session.execute("answer")
    caller.play_tone(700)
    agent.behave(answer_after_s=0.1)
    agent.play_tone(1100)
    result = lab.esl.job("originate", "{origination_uuid=leg-1,ignore_early_media=true}user/1001 &park()")
    assert result == "+OK leg-1"
    record = tmp_path / "talk.wav"
    lab.esl.api("uuid_setvar", f"{session.uuid} RECORD_STEREO true")
    assert lab.esl.api("uuid_record", f"{session.uuid} start {record}") == "+OK Success"
    lab.esl.api(
        "uuid_setvar_multi", f"{session.uuid} socket_resume=false;transfer_after_bridge=recover:XML:recover"
    )
    assert lab.esl.api("uuid_bridge", f"{session.uuid} leg-1") == "+OK leg-1"
    bridge = lab.esl.event("CHANNEL_BRIDGE")
    assert bridge.get("Other-Leg-Unique-ID") == "leg-1"
    caller.listen(tmp_path / "caller.wav", 1.0)
    agent.listen(tmp_path / "agent.wav", 1.0)
    assert power(wav_channels(tmp_path / "caller.wav")[0][2000:6000], 1100) > 0.9
    assert power(wav_channels(tmp_path / "agent.wav")[0][2000:6000], 700) > 0.9
    session.send(commands.exit_())
    agent.hangup()
    again = lab.session()
    assert again.uuid == session.uuid
    assert again.data and again.data.get("variable_was_recovered") == "true"
    lab.esl.api("uuid_kill", again.uuid)
    caller.wait_for("disconnected")
    left, right = wav_channels(record)
    middle = slice(len(left) // 2, len(left) // 2 + 4000)
    assert power(left[middle], 700) > 0.9
    assert power(right[middle], 1100) > 0.9


def test_registration_needs_the_password(lab: Lab, phones: Phones) -> None:
    with pytest.raises(PhoneError, match="403"):
        phones.phone("1002", "wrong", lab.server).register()
