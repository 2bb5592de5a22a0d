"""What only a phone made of sockets does in the middle of a talk: re-INVITEs with other audio, attended transfers."""

from __future__ import annotations

import re
import select
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from centre import Centre, until
from eslline import EventSocket
from talks import agent_at_work, agent_on_break, caller_in_queue, wait_state

sys.path.insert(1, str(Path(__file__).parents[1] / "contract"))

from softswitch_sip import Raw

from switch_app.phones.phone import Phone, PhoneError

CALLER = "13800000211"


@pytest.fixture
def raw(centre: Centre) -> Iterator[Raw]:
    """An agent's phone: 1001 has logged in at a phone, and this one has taken its registration over."""
    agent_at_work(centre, "1001")
    phone = Raw(int(centre.sip.rpartition(":")[2]))
    password = centre.secrets()["agents"]["1001"]["sip_password"]
    assert phone.register("1001", password).startswith("SIP/2.0 200")
    phone.call_id = phone.to_tag = ""
    yield phone
    phone.close()


def talk(centre: Centre, raw: Raw) -> Phone:
    """The agent's phone answers a caller; returns the caller's phone."""
    caller = caller_in_queue(centre, CALLER)
    invite = raw.hear(r"^INVITE", 10)
    raw.ok(invite, raw.sdp())
    raw.hear(r"^ACK")
    wait_state(centre, "1001", "talking")
    ours, theirs = (re.search(rf"^{name}:\s*(.+?)\r?$", invite, re.M)[1] for name in ("To", "From"))
    raw.call_id = re.search(r"^Call-ID:\s*(\S+)", invite, re.M)[1]
    raw.target = re.search(r"^Contact:.*<([^>]+)>", invite, re.M)[1]
    raw.ours, raw.theirs = f"{ours};tag={raw.tag}", theirs
    return caller


def inside(raw: Raw, method: str, body: str = "", **headers: str) -> str:
    """A request in the talk's dialog; its final answer."""
    message = raw.request(method, "x", body, to=raw.theirs, **headers)
    message = re.sub(r"^From: .*?\r$", lambda _: f"From: {raw.ours}\r", message, count=1, flags=re.M)
    raw.say(message)
    answer = raw.hear(rf"^SIP/2.0 [2-6]\d\d[\s\S]*CSeq: {raw.cseq} {method}")
    if method == "INVITE":
        ack = raw.request("ACK", "x", "" if body else raw.sdp(), to=raw.theirs)  # the answer to a late offer
        raw.say(re.sub(r"^From: .*?\r$", lambda _: f"From: {raw.ours}\r", ack, count=1, flags=re.M))
    return answer


def packets(raw: Raw) -> bytes:
    """The payload types that come to the phone's RTP port in a moment."""
    raw.rtp.setblocking(False)
    found, until_at = bytearray(), time.monotonic() + 0.4
    while (left := until_at - time.monotonic()) > 0:
        if select.select([raw.rtp], [], [], left)[0]:
            found.append(raw.rtp.recv(2048)[1] & 0x7F)
    return bytes(found)


def all_over(centre: Centre, caller: Phone) -> None:
    if caller.in_call:
        with suppress(PhoneError):  # it may have ended meanwhile
            caller.hangup()
    history = centre.closed(CALLER, 15)
    assert history["outcome"] == "answered"
    wait_state(centre, "1001", "ready", timeout_s=10)
    with EventSocket(centre) as line:
        until(lambda: not line.legs(), 10, "no leg", 0.1)


def test_another_port_and_another_codec_in_a_talk(centre: Centre, raw: Raw) -> None:
    """The audio follows to the new port, in the new law; the agent is neither on hold nor gone."""
    caller = talk(centre, raw)
    assert set(packets(raw)) == {0}
    old, raw.rtp = raw.rtp, Raw(1).rtp
    answer = inside(raw, "INVITE", raw.sdp(formats="8 101"))
    assert answer.startswith("SIP/2.0 200") and re.search(r"m=audio \d+ RTP/AVP 8", answer)
    until(lambda: set(packets(raw)) == {8}, 5, "A-law at the new port")
    old.close()
    assert centre.agent_state("1001")["state"] == "talking"
    assert inside(raw, "BYE").startswith("SIP/2.0 200")
    caller.wait_for("disconnected", 15)
    all_over(centre, caller)


@pytest.mark.parametrize("direction", ["sendonly", "inactive", "0.0.0.0"])
def test_every_way_to_hold(centre: Centre, raw: Raw, direction: str) -> None:
    """RFC 3264's two, and RFC 2543's address of nowhere."""
    caller = talk(centre, raw)
    old_way = direction == "0.0.0.0"
    sdp = raw.sdp(host="0.0.0.0") if old_way else raw.sdp(direction)
    assert inside(raw, "INVITE", sdp).startswith("SIP/2.0 200")
    wait_state(centre, "1001", "held")
    assert inside(raw, "INVITE", raw.sdp()).startswith("SIP/2.0 200")
    wait_state(centre, "1001", "talking")
    assert inside(raw, "INVITE", "").startswith("SIP/2.0 200"), "without an offer it is no hold"
    time.sleep(0.4)
    assert centre.agent_state("1001")["state"] == "talking"
    inside(raw, "BYE")
    all_over(centre, caller)


def test_an_attended_transfer_to_a_colleague(centre: Centre, raw: Raw) -> None:
    """The agent asks a colleague in a second call, and hands the caller over (REFER with Replaces): the agent is
    free, the two talk on, and the contact closes with them."""
    other = agent_on_break(centre, "1005")
    other.behave(answer_after_s=0.0)
    caller = talk(centre, raw)
    second = Raw(int(centre.sip.rpartition(":")[2]))
    try:
        password = centre.secrets()["agents"]["1001"]["sip_password"]
        second.say(second.request("INVITE", "1005", second.sdp(), user="1001"))
        challenge = second.hear(r"^SIP/2.0 40[17]")
        header = "authorization" if challenge.startswith("SIP/2.0 401") else "proxy_authorization"
        second.ack("1005")
        given = second.authorization(challenge, "1001", password, "INVITE", "sip:1005@127.0.0.1")
        second.say(second.request("INVITE", "1005", second.sdp(), user="1001", **{header: given}))
        second.learn(second.hear(r"^SIP/2.0 2\d\d", 10))
        second.say(second.request("ACK", "1005", user="1001"))
        other.wait_for("confirmed", 5)
        replaces = f"{second.call_id}%3Bto-tag%3D{second.to_tag}%3Bfrom-tag%3D{second.tag}"
        refer_to = f"<sip:1005@{centre.sip}?Replaces={replaces}>"
        assert inside(raw, "REFER", refer_to=refer_to).startswith("SIP/2.0 202")
        wait_state(centre, "1001", "wrap_up", "ready", timeout_s=10)
        time.sleep(0.5)
        other.hangup()
        all_over(centre, caller)
    finally:
        second.close()
