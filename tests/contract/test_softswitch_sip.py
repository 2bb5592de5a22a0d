"""SIP byte by byte: what phones may do that our own phones don't, and what they may not."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, until
from softswitch_sip import Raw, raws

from switch_app.esl import commands


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("switch")
    with Lab(folder, min_expires_s=1, invite_answer_s=1.0, inbound_rate=5.0, inbound_burst=40) as lab:
        lab.esl.ask(commands.events(["BACKGROUND_JOB", "CHANNEL_HANGUP_COMPLETE", "CUSTOM", "sofia::expire"]))
        yield lab


@pytest.fixture
def raw(lab: Lab) -> Iterator[Callable[[], Raw]]:
    with raws(lab) as make:
        yield make


def test_at_its_end_the_switch_takes_no_call(tmp_path: Path) -> None:
    """It would answer it, and be gone without a BYE: it stays for half a second, until its BYEs are answered."""
    with Lab(tmp_path) as lab:
        first, second = Raw(lab.sip_port), Raw(lab.sip_port)
        try:
            first.say(first.request("INVITE", "4001", first.sdp()))
            first.learn(first.hear(r"^SIP/2.0 200"))
            first.ack("4001")
            assert lab.process is not None
            lab.process.send_signal(signal.SIGTERM)
            first.hear(r"^BYE ")
            second.say(second.request("INVITE", "4001", second.sdp()))
            assert "503" in second.hear(r"^SIP/2.0 [2-6]\d\d").split("\n")[0]
        finally:
            first.close()
            second.close()


# --- calls ---------------------------------------------------------------------------------------------


def test_late_offer(lab: Lab, raw: Callable[[], Raw]) -> None:
    """INVITE without SDP: our offer in the 200, the answer in the ACK."""
    phone = raw()
    phone.say(phone.request("INVITE", "4001"))
    answer = phone.learn(phone.hear(r"^SIP/2.0 200"))
    assert "m=audio" in answer
    assert phone.rtp.fileno()
    phone.ack("4001", phone.sdp(formats="8 101"))
    phone.rtp.settimeout(2)
    assert phone.rtp.recv(2000)[1] & 0x7F == 8


def test_a_late_offer_without_answer_ends_the_call(raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("INVITE", "4001"))
    phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("4001")
    assert "cause=88" in phone.hear(r"^BYE")


def test_reinvite_without_offer_and_update(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("INVITE", "4100", phone.sdp()))
    lab.session().begin().execute("answer")
    phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("4100")
    phone.say(phone.request("INVITE", "4100"))
    offer = phone.hear(r"^SIP/2.0 200[\s\S]*INVITE")
    assert re.search(r"m=audio \d+ RTP/AVP 0 101", offer)
    phone.ack("4100", phone.sdp(formats="0 101"))
    phone.say(phone.request("UPDATE", "4100", phone.sdp("inactive")))
    assert "a=inactive" in phone.hear(r"^SIP/2.0 200[\s\S]*UPDATE")
    phone.say(phone.request("UPDATE", "4100"))
    phone.hear(r"^SIP/2.0 200[\s\S]*UPDATE")
    phone.say(phone.request("OPTIONS", "4100"))
    phone.hear(r"^SIP/2.0 200[\s\S]*OPTIONS")
    phone.say(phone.request("SUBSCRIBE", "4100"))
    assert "Allow: INVITE" in phone.hear(r"^SIP/2.0 405")
    phone.say(
        phone.request("INFO", "4100", "Signal=7\r\nDuration=100\r\n", content_type="application/dtmf-relay")
    )
    phone.hear(r"^SIP/2.0 200[\s\S]*INFO")
    phone.say(phone.request("BYE", "4100"))
    phone.hear(r"^SIP/2.0 200[\s\S]*BYE")
    until(lambda: not lab.channels(), "no channel is left")
    phone.say(phone.request("BYE", "4100"))
    phone.hear(r"^SIP/2.0 481")


def test_an_older_request_is_refused(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.call("4001")
    phone.cseq -= 1
    phone.say(phone.request("INFO", "4001"))
    phone.hear(r"^SIP/2.0 500")


def test_nothing_for_us_in_the_offer(raw: Callable[[], Raw]) -> None:
    for body in ("v=0\r\nm=audio 4000 RTP/SAVP 0\r\n", "v=0\r\n", raw().sdp(formats="18 3")):
        assert raw().call("4001", body).startswith("SIP/2.0 488")


def test_video_is_refused_and_audio_taken(raw: Callable[[], Raw]) -> None:
    phone = raw()
    body = phone.sdp().replace("m=audio", "m=video 5000 RTP/AVP 96\r\nm=audio")
    answer = phone.call("4001", body)
    assert re.search(r"m=video 0 RTP/AVP 0\r\nm=audio [1-9]\d+ RTP/AVP 0 101", answer)


def test_no_ack_ends_nothing_but_is_repeated(raw: Callable[[], Raw]) -> None:
    phone = raw()
    invite = phone.request("INVITE", "4100", phone.sdp())
    phone.say(invite)
    phone.hear(r"^SIP/2.0 100")
    phone.say(invite)  # a retransmission makes no second call
    phone.hear(r"^SIP/2.0 100")


def test_an_unacknowledged_answer_is_sent_again(raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("INVITE", "4001", phone.sdp()))
    first = phone.learn(phone.hear(r"^SIP/2.0 200"))
    assert phone.hear(r"^SIP/2.0 200", 2) == first
    phone.ack("4001")


def test_cancel(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    invite = phone.request("INVITE", "4100", phone.sdp())
    phone.say(invite)
    session = lab.session().begin()
    via = re.search(r"Via: (.*)", invite)
    phone.say(phone.request("CANCEL", "4100", via=via[1].strip() if via else ""))
    phone.hear(r"^SIP/2.0 200[\s\S]*CANCEL")
    phone.hear(r"^SIP/2.0 487")
    phone.ack("4100")
    hangup = session.event("CHANNEL_HANGUP")
    assert hangup.get("Hangup-Cause") == "ORIGINATOR_CANCEL"


def test_max_forwards(lab: Lab, raw: Callable[[], Raw]) -> None:
    """Each transfer uses one up, unless max_session_transfers is set."""
    assert raw().call("4100", max_forwards="0").startswith("SIP/2.0 483")
    phone = raw()
    phone.say(phone.request("INVITE", "4100", phone.sdp(), max_forwards="2"))
    session = lab.session()
    assert session.data and session.data.get("variable_max_forwards") == "2"
    assert lab.esl.api("uuid_transfer", f"{session.uuid} 4100 XML inbound") == "+OK"
    again = lab.session()
    assert lab.esl.api("uuid_transfer", f"{again.uuid} 4100 XML inbound") == "-ERR"
    phone.hear(r"^SIP/2.0 483")


def test_hostile_caller_ids(lab: Lab, raw: Callable[[], Raw]) -> None:
    """Quotes, newlines, 3 KB, right-to-left, bytes that are not UTF-8: one line in the log, one value in ESL."""
    names = ['a\\"b<c', "x" * 3000, "\u202emoc", "A\u2028X-Forged: 1", "${uuid} {a=b} 'q"]
    for name in names:
        phone = raw()
        quoted = f'"{name}" <sip:13800000001@127.0.0.1>;tag={phone.tag}'
        phone.say(phone.request("INVITE", "4100", phone.sdp(), **{"from": quoted}))
        session = lab.session()
        assert session.data
        shown = session.data.get("Caller-Caller-ID-Name", "")
        assert 0 < len(shown) <= 256
        assert "\u2028" not in shown
        assert session.data.get("variable_sip_h_X-Forged") is None
        session.close()
        lab.esl.api("uuid_kill", session.uuid)
    phone = raw()
    invite = (
        phone.request("INVITE", "4100", phone.sdp()).encode().replace(b"From: ", b'From: "\xff\xfe\x80" ')
    )
    phone.say(invite)
    session = lab.session()
    assert session.data and "xff" in session.data.get("Caller-Caller-ID-Name", "")


def test_custom_headers_become_variables(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("INVITE", "4100", phone.sdp(), x_account="ab;c%0AEvent-Name: X"))
    session = lab.session()
    assert session.data and session.data.get("variable_sip_h_X-Account") == "ab;c%0AEvent-Name: X"


def test_inbound_calls_are_rate_limited(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Lab(tmp_path_factory.mktemp("limited"), inbound_rate=1.0, inbound_burst=3) as limited:
        codes = []
        for _ in range(6):
            phone = Raw(limited.sip_port)
            codes.append(phone.call("4001").split()[1])
            phone.close()
        assert codes[:3] == ["200"] * 3
        assert codes[4:] == ["503"] * 2


# --- a phone that says nothing -------------------------------------------------------------------------


def test_a_registered_phone_that_never_answers(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    assert phone.register("1006", SIP_PASSWORD).startswith("SIP/2.0 200")
    began = time.monotonic()
    assert lab.esl.job("originate", "user/1006 &park()") == "-ERR RECOVERY_ON_TIMER_EXPIRE"
    assert time.monotonic() - began < 2.5
    assert not lab.channels()


def test_an_answer_that_crosses_the_cancel_is_hung_up(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.register("1007", SIP_PASSWORD)
    lab.esl.ask(commands.bgapi("originate", "{originate_timeout=1}user/1007 &park()"))
    invite = phone.hear(r"^INVITE")
    phone.ok(invite, code="180 Ringing")
    cancel = phone.hear(r"^CANCEL", 3)
    phone.ok(invite, phone.sdp())
    phone.ok(cancel, contact=False)
    phone.hear(r"^ACK")
    phone.ok(phone.hear(r"^BYE"))
    assert lab.esl.event("BACKGROUND_JOB").body.decode().startswith("-ERR NO_ANSWER")


def test_an_answer_without_usable_audio(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.register("1010", SIP_PASSWORD)
    lab.esl.ask(commands.bgapi("originate", "user/1010 &park()"))
    phone.ok(phone.hear(r"^INVITE"), phone.sdp(formats="18"))
    phone.hear(r"^ACK")
    phone.ok(phone.hear(r"^BYE"))
    assert lab.esl.event("BACKGROUND_JOB").body == b"-ERR INCOMPATIBLE_DESTINATION\n"


def test_contact_behind_nat(lab: Lab, raw: Callable[[], Raw]) -> None:
    """The contact names an address that is not where the phone speaks from: calls go to the source."""
    phone = raw()
    answer = phone.register("1008", SIP_PASSWORD, contact="<sip:1008@192.168.77.7:5066>")
    assert "<sip:1008@192.168.77.7:5066>" in answer
    assert "fs_path=sip%3A127.0.0.1" in lab.esl.api("sofia_contact", "1008")
    lab.esl.ask(commands.bgapi("originate", "${sofia_contact(1008)} &park()"))
    lab.esl.ask(commands.bgapi("originate", "user/1008 &park()"))
    assert phone.hear(r"^INVITE").startswith("INVITE sip:1008@192.168.77.7:5066 SIP/2.0")


# --- registration --------------------------------------------------------------------------------------


def test_register_with_and_without_qop(lab: Lab, raw: Callable[[], Raw]) -> None:
    assert raw().register("1009", SIP_PASSWORD).startswith("SIP/2.0 200")
    assert raw().register("1009", SIP_PASSWORD, qop=False).startswith("SIP/2.0 200")
    found = lab.esl.api("sofia_contact", "1009").split(",")
    assert len(found) == 1, "the last phone that registered"
    last = raw()
    assert last.register("1009", SIP_PASSWORD, expires="0", contact="*").startswith("SIP/2.0 200")
    assert lab.esl.api("sofia_contact", "1009") == "error/user_not_registered"


def test_unregister_one_of_two(lab: Lab, raw: Callable[[], Raw]) -> None:
    one, two = raw(), raw()
    one.register("1009", SIP_PASSWORD)
    two.register("1009", SIP_PASSWORD)
    answer = one.register("1009", SIP_PASSWORD, expires="0")
    assert f"127.0.0.1:{two.port}" in answer
    assert f"127.0.0.1:{one.port}>" not in answer.partition("Via")[2].partition("\r\n")[2]
    two.register("1009", SIP_PASSWORD, expires="0")


def test_a_nonce_cannot_be_used_twice(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("REGISTER", "1009", user="1009", to="<sip:1009@127.0.0.1>"))
    challenge = phone.hear(r"^SIP/2.0 401")
    answers = []
    for count in (1, 1, 2, 2):
        auth = phone.authorization(
            challenge, "1009", SIP_PASSWORD, "REGISTER", "sip:1009@127.0.0.1", count=count
        )
        phone.say(
            phone.request(
                "REGISTER", "1009", user="1009", to="<sip:1009@127.0.0.1>", authorization=auth, expires="1"
            )
        )
        answers.append(phone.hear(r"^SIP/2.0 \d\d\d[\s\S]*CSeq: " + str(phone.cseq)))
    assert [a.split()[1] for a in answers] == ["200", "401", "200", "401"]
    assert "stale=true" in answers[1]


def test_wrong_ways_to_register(raw: Callable[[], Raw]) -> None:
    assert raw().register("1009", "wrong").startswith("SIP/2.0 403")
    assert raw().register("nobody", SIP_PASSWORD).startswith("SIP/2.0 403")
    phone = raw()  # one user may not register another
    phone.say(phone.request("REGISTER", "1009", to="<sip:1010@127.0.0.1>"))
    auth = phone.authorization(phone.hear("401"), "1009", SIP_PASSWORD, "REGISTER", "sip:1009@127.0.0.1")
    phone.say(phone.request("REGISTER", "1009", to="<sip:1010@127.0.0.1>", authorization=auth))
    phone.hear(r"^SIP/2.0 403")
    assert raw().register("1009", SIP_PASSWORD, expires="60", contact="*").startswith("SIP/2.0 400")
    assert raw().register("1009", SIP_PASSWORD, contact="<sip:1009@127.0.0.1:x>").startswith("SIP/2.0 400")


def test_a_registration_expires(lab: Lab, raw: Callable[[], Raw]) -> None:
    raw().register("1005", SIP_PASSWORD, expires="1")
    event = lab.esl.event("CUSTOM", timeout_s=4, where=lambda e: e.get("from-user") == "1005")
    assert event.get("Event-Subclass") == "sofia::expire"
    assert lab.esl.job("originate", "user/1005 &park()") == "-ERR USER_NOT_REGISTERED"


def test_invite_with_password_enters_the_users_context(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("INVITE", "9196", phone.sdp(), user="1001"))
    challenge = phone.hear(r"^SIP/2.0 407")
    auth = phone.authorization(challenge, "1001", SIP_PASSWORD, "INVITE", "sip:9196@127.0.0.1")
    phone.say(phone.request("ACK", "9196"))
    phone.say(phone.request("INVITE", "9196", phone.sdp(), user="1001", proxy_authorization=auth))
    phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("9196")
    assert lab.channels()[0]["context"] == "agents"
    assert lab.channels()[0]["cid_num"] == "1001"


def test_options_and_the_rest(raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("OPTIONS", "ping"))
    phone.hear(r"^SIP/2.0 200")
    phone.say(phone.request("PUBLISH", "x"))
    phone.hear(r"^SIP/2.0 405")
    phone.to_tag = "none"
    phone.say(phone.request("BYE", "x"))
    phone.hear(r"^SIP/2.0 481")


def test_sigterm_says_bye_and_ends_within_a_second(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Lab(tmp_path_factory.mktemp("ending")) as ending:
        phone = Raw(ending.sip_port)
        phone.call("4001")
        assert ending.stop() < 1.0
        phone.hear(r"^BYE")
        phone.close()


def test_attended_transfer_by_the_agent(lab: Lab, raw: Callable[[], Raw]) -> None:
    """REFER with Replaces: the caller gets the colleague whom the agent has on a second call."""
    caller, agent, second, colleague = (raw() for _ in range(4))
    caller.say(caller.request("INVITE", "4100", caller.sdp()))
    session = lab.session().begin()
    session.execute("answer")
    agent.register("1001", SIP_PASSWORD)
    colleague.register("1002", SIP_PASSWORD)
    lab.esl.ask(commands.bgapi("originate", "{origination_uuid=agent,ignore_early_media=true}user/1001 &park()"))
    invite = agent.hear(r"^INVITE")
    agent.ok(invite, agent.sdp())
    lab.esl.event("BACKGROUND_JOB")
    lab.esl.api("uuid_bridge", f"{session.uuid} agent")
    second.say(second.request("INVITE", "1002", second.sdp(), user="1001"))
    auth = second.authorization(second.hear("407"), "1001", SIP_PASSWORD, "INVITE", "sip:1002@127.0.0.1")
    second.say(second.request("INVITE", "1002", second.sdp(), user="1001", proxy_authorization=auth))
    colleague.ok(colleague.hear(r"^INVITE"), colleague.sdp())
    second.learn(second.hear(r"^SIP/2.0 200"))
    second.ack("1002")
    until(lambda: sum(row["callstate"] == "ACTIVE" for row in lab.channels()) == 4, "two talks")
    # The agent's side of the first dialog: what was From is To.
    agent.call_id, agent.target = field(invite, "Call-ID"), re.search(r"^Contact: <([^>]*)>", invite, re.M)[1]  # type: ignore[index]
    replaces = f"{second.call_id}%3Bto-tag%3D{second.to_tag}%3Bfrom-tag%3D{second.tag}"
    agent.say(
        agent.request(
            "REFER", "x", **{"from": field(invite, "To") + f";tag={agent.tag}"}, to=field(invite, "From"),
            refer_to=f"<sip:1002@127.0.0.1?Replaces={replaces}>",
        )
    )  # fmt: skip
    agent.hear(r"^SIP/2.0 202")
    assert "SIP/2.0 200 OK" in agent.hear(r"^NOTIFY")
    agent.hear(r"^BYE")
    second.hear(r"^BYE")
    left = until(lambda: len(lab.channels()) == 2 and lab.channels(), "one talk is left")
    assert {row["dest"] for row in left} == {"4100", "1002"}
    assert lab.esl.api("uuid_getvar", f"{session.uuid} bridge_uuid") in {row["uuid"] for row in left}


def field(message: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", message, re.M)
    return found[1].strip() if found else ""
