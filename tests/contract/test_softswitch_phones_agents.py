"""Agents' phones at the embedded switch: registered, rung, refusing, vanished, calling each other."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, power, wav_channels
from softswitch_trio import NEEDS_PHONES, Trio, originate

from switch_app.esl import commands
from switch_app.phones.phone import PhoneError, Phones

pytestmark = NEEDS_PHONES


# --- an agent is called ------------------------------------------------------------------------------


def test_nobody_answers(lab: Lab, trio: Trio) -> None:
    began = time.monotonic()
    assert originate(lab, variables="originate_timeout=1") == "-ERR NO_ANSWER"
    assert 0.9 < time.monotonic() - began < 1.6
    trio[1].wait_for("incoming")
    trio[1].wait_for("disconnected", 2)
    assert lab.esl.event("CHANNEL_PROGRESS").get("Answer-State") == "ringing"


@pytest.mark.parametrize(
    ("code", "cause"), [(486, "USER_BUSY"), (603, "CALL_REJECTED"), (480, "NO_USER_RESPONSE")]
)
def test_a_phone_refuses(lab: Lab, trio: Trio, code: int, cause: str) -> None:
    trio[1].behave(reject_with=code)
    assert originate(lab) == f"-ERR {cause}"
    assert lab.esl.event("CHANNEL_HANGUP_COMPLETE").get("Hangup-Cause") == cause


def test_a_phone_that_is_not_there(lab: Lab, phones: Phones) -> None:
    assert originate(lab, "1003") == "-ERR USER_NOT_REGISTERED"
    assert originate(lab, "2001") == "-ERR SUBSCRIBER_ABSENT"
    unplugged = phones.phone("1004", SIP_PASSWORD, lab.server, alone=True)
    unplugged.register()
    unplugged.unplug()
    began = time.monotonic()
    assert originate(lab, "1004") == "-ERR NORMAL_TEMPORARY_FAILURE"
    assert time.monotonic() - began < 2


def test_originate_is_cancelled_by_uuid_kill(lab: Lab, trio: Trio) -> None:
    job = lab.esl.ask(commands.bgapi("originate", "{origination_uuid=k1}user/1001 &park()")).split()[-1]
    trio[1].wait_for("incoming")
    assert lab.esl.api("uuid_exists", "k1") == "true"
    assert lab.esl.api("uuid_kill", "k1 ORIGINATOR_CANCEL") == "+OK"
    result = lab.esl.event("BACKGROUND_JOB", where=lambda e: e.get("Job-UUID") == job)
    assert result.body.decode() == "-ERR ORIGINATOR_CANCEL\n"
    trio[1].wait_for("disconnected", 2)
    assert lab.esl.api("uuid_kill", "k1") == "-ERR No such channel!"


def test_several_destinations(lab: Lab, trio: Trio) -> None:
    """At once (the first answer wins), and in turn."""
    trio[2].behave(answer_after_s=0.1)
    job = lab.esl.job("originate", "{ignore_early_media=true}[leg_one=1]user/1001,user/1002 &park()")
    assert job.startswith("+OK")
    assert lab.esl.api("uuid_getvar", f"{job.split()[-1]} dialed_user") == "1002"
    trio[1].wait_for("disconnected", 2)
    lost = lab.esl.event("CHANNEL_HANGUP_COMPLETE")
    assert (lost.get("Hangup-Cause"), lost.get("variable_leg_one")) == ("LOSE_RACE", "1")
    job = lab.esl.job("originate", "{ignore_early_media=true}user/1003|error/user_busy|user/1002 &park()")
    assert job == "-ERR USER_BUSY" or job.startswith("+OK")


def test_the_caller_id_is_shown(lab: Lab, trio: Trio) -> None:
    lab.esl.ask(
        commands.bgapi(
            "originate",
            "{origination_caller_id_number=13912345678,origination_caller_id_name='Wang, Fang',"
            "sip_h_X-Queue=sales}user/1001 &park()",
        )
    )
    call = trio[1].wait_for("incoming")
    assert "13912345678" in call["from"]
    assert "Wang, Fang" in call["from"]
    assert "X-queue: sales" in call["message"] or "X-Queue: sales" in call["message"]


# --- agents call -------------------------------------------------------------------------------------


def test_agents_call_each_other(lab: Lab, trio: Trio, tmp_path: Path) -> None:
    _, one, two = trio
    two.behave(answer_after_s=0.3)
    one.call("1002")
    assert one.wait_for("ringing")["code"] == 180
    one.wait_for("confirmed")
    assert "Agent 1001" in two.wait_for("incoming")["from"]
    two.play_tone(650)
    one.listen(tmp_path / "one.wav", 0.6)
    assert power(wav_channels(tmp_path / "one.wav")[0][1600:4000], 650) > 0.9
    two.hangup()
    one.wait_for("disconnected")


def test_a_busy_agent_is_told_to_the_agent_who_calls(lab: Lab, trio: Trio) -> None:
    trio[2].behave(reject_with=486)
    trio[1].call("1002")
    assert trio[1].wait_for("disconnected")["code"] == 486


def test_an_agent_gives_up_calling(lab: Lab, trio: Trio) -> None:
    trio[1].call("1002")
    trio[2].wait_for("incoming")
    trio[1].hangup()
    trio[2].wait_for("disconnected", 2)
    causes = {lab.esl.event("CHANNEL_HANGUP_COMPLETE").get("Hangup-Cause") for _ in range(2)}
    assert causes == {"ORIGINATOR_CANCEL"}


# --- registration ------------------------------------------------------------------------------------


def test_registrations_are_told(lab: Lab, phones: Phones) -> None:
    phone = phones.phone("1005", SIP_PASSWORD, lab.server)
    phone.register()
    event = lab.esl.event("CUSTOM", where=lambda e: e.get("from-user") == "1005")
    assert event.get("Event-Subclass") == "sofia::register"
    assert lab.esl.api("sofia_contact", "1005").startswith("sofia/internal/sip:1005@127.0.0.1:")
    assert '"reg_user":"1005"' in lab.esl.api("show", "registrations as json")
    phone.unregister()
    event = lab.esl.event("CUSTOM", where=lambda e: e.get("from-user") == "1005")
    assert event.get("Event-Subclass") == "sofia::unregister"
    assert lab.esl.api("sofia_contact", "1005") == "error/user_not_registered"


def test_an_extension_is_not_reached_without_password(lab: Lab, trio: Trio) -> None:
    trio[0].call("1001")
    with pytest.raises(PhoneError):
        trio[0].wait_for("confirmed", 2)
    assert trio[0].seen("disconnected")[-1]["code"] in (401, 407)
    assert not trio[1].in_call
