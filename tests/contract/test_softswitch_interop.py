"""What phones, gateways and proxies of other makes send that ours don't: each is taken, or refused in words that
make them try again. Found with baresip, linphone, kamailio and by RFC; FreeSWITCH's answer decides in doubt."""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Callable, Iterator

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, Session
from softswitch_sip import Raw, raws

from switch_app.esl import commands

ISUP = "--next\r\nContent-Type: application/isup;version=x\r\n\r\n\x01\x02\r\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("switch"), min_expires_s=1, invite_answer_s=1.0) as lab:
        lab.esl.ask(commands.events(["BACKGROUND_JOB", "DTMF", "CHANNEL_ANSWER"]))
        yield lab


@pytest.fixture
def raw(lab: Lab) -> Iterator[Callable[[], Raw]]:
    with raws(lab) as make:
        yield make


def media_port(description: str) -> int:
    return int(re.search(r"m=audio (\d+)", description)[1])  # type: ignore[index]


def press(phone: Raw, digit: int, port: int, payload_type: int) -> None:
    """A telephone event (RFC 4733): two packets of the key, then its end three times."""
    phone.cseq_rtp = getattr(phone, "cseq_rtp", 0)
    for n in range(5):
        phone.cseq_rtp += 1
        event = struct.pack("!BBH", digit, 0x8A if n > 1 else 0x0A, 160 * min(n + 1, 3))
        head = struct.pack("!BBHII", 0x80, payload_type, phone.cseq_rtp, digit * 8000, 7)
        phone.rtp.sendto(head + event, ("127.0.0.1", port))


def answered(lab: Lab, phone: Raw, user: str, description: str) -> str:
    """A registered phone is called and answers with this SDP; the INVITE that it got."""
    assert phone.register(user, SIP_PASSWORD).startswith("SIP/2.0 200")
    lab.esl.ask(commands.bgapi("originate", f"{{ignore_early_media=true}}user/{user} &park()"))
    invite = phone.hear(r"^INVITE")
    phone.ok(invite, description)
    phone.hear(r"^ACK")
    assert lab.esl.event("BACKGROUND_JOB").body.startswith(b"+OK")
    return invite


def in_app(lab: Lab, phone: Raw, description: str = "") -> tuple[Session, str]:
    """A call that the application has answered; the switch's SDP."""
    phone.say(phone.request("INVITE", "4100", description or phone.sdp()))
    session = lab.session().begin()
    session.execute("answer")
    answer = phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("4100")
    return session, answer


# --- keys ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload_type", [96, 101])
def test_each_side_has_its_own_number_for_keys(lab: Lab, raw: Callable[[], Raw], payload_type: int) -> None:
    """We offer 101, the phone answers 96: by RFC 3264 it sends 101, and some send 96."""
    phone = raw()
    invite = answered(lab, phone, "1001", phone.sdp(formats="0 96").replace("rtpmap:101", "rtpmap:96"))
    press(phone, 5, media_port(invite), payload_type)
    assert lab.esl.event("DTMF", timeout_s=2).get("DTMF-Digit") == "5"


def test_keys_out_take_the_phones_number(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    answered(lab, phone, "1001", phone.sdp(formats="0 96").replace("rtpmap:101", "rtpmap:96"))
    lab.esl.api("uuid_send_dtmf", f"{lab.channels()[0]['uuid']} 7@100")
    phone.rtp.settimeout(2)
    assert phone.rtp.recv(2000)[1] & 0x7F == 96


def test_keys_to_a_phone_without_telephone_events_go_by_info(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    session, _ = in_app(
        lab, phone, phone.sdp(formats="0").replace("a=rtpmap:101 telephone-event/8000\r\n", "")
    )
    session.execute("send_dtmf", "9")
    assert "Signal=9" in phone.hear(r"^INFO[\s\S]*dtmf-relay")


@pytest.mark.parametrize(
    ("kind", "text", "digit"),
    [
        ("dtmf-relay", "Signal=10\r\nDuration=100\r\n", "*"), ("dtmf-relay", "Signal= 11\r\n", "#"), ("dtmf-relay", "signal=b", "B"),
        ("dtmf-relay", "Duration=100\r\nSignal=#", "#"), ("dtmf", "*", "*"), ("dtmf", "11", "#"), ("dtmf-relay", "Signal=7", "7"),
    ],
)  # fmt: skip
def test_ways_to_write_a_key(lab: Lab, raw: Callable[[], Raw], kind: str, text: str, digit: str) -> None:
    """By number or by name; what is no key (16: the hook) is taken and means nothing."""
    phone = raw()
    session, _ = in_app(lab, phone)
    for body in ("Signal=16\r\n", text):
        phone.say(phone.request("INFO", "4100", body, content_type=f"application/{kind}"))
        phone.hear(r"^SIP/2.0 200[\s\S]*INFO")
    assert session.event("DTMF", timeout_s=2).get("DTMF-Digit") == digit


# --- bodies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("boundary", ["boundary=next", ' boundary="next"', "charset=utf-8; BOUNDARY=next"])
def test_sdp_among_other_parts(raw: Callable[[], Raw], boundary: str) -> None:
    """Of a carrier (SIP-I) or of an emergency call; the preferred law is taken, so the offer was read."""
    phone = raw()
    for parts in (
        "--next\r\nContent-Type: application/sdp\r\n\r\n{}" + ISUP,
        ISUP + "--next\r\nc : application/SDP\r\n\r\n{}",
    ):
        body = parts.format(phone.sdp(formats="8 101")) + "--next--\r\n"
        phone.call_id, phone.to_tag, phone.target = f"{time.monotonic_ns()}", "", ""
        answer = phone.call("4001", body, content_type=f"multipart/mixed;{boundary}")
        assert re.search(r"m=audio \d+ RTP/AVP 8 101\r\n", answer)


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("application/xml", {}, 415), ("application/sdp", {"content_encoding": "gzip"}, 415),
        ("application/isup", {"content_disposition": "signal; handling=optional"}, 200), ("multipart/mixed", {}, 200),
    ],
)  # fmt: skip
def test_a_body_of_another_kind(raw: Callable[[], Raw], kind: str, more: dict[str, str], code: int) -> None:
    answer = raw().call("4001", "<something/>", content_type=kind, **more)
    assert answer.startswith(f"SIP/2.0 {code}")
    assert code == 200 or "Accept: application/sdp" in answer


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_body_of_another_kind_in_a_call(raw: Callable[[], Raw], method: str) -> None:
    """It is no offer that is still to come: the sound stays as it is."""
    phone = raw()
    phone.call("4001")
    phone.say(phone.request(method, "4001", "<something/>", content_type="application/xml"))
    assert "Accept: application/sdp" in phone.hear(rf"^SIP/2.0 415[\s\S]*CSeq: {phone.cseq} {method}")


# --- offers and answers --------------------------------------------------------------------------------


def test_avpf_is_answered_as_it_is_offered(raw: Callable[[], Raw]) -> None:
    phone = raw()
    assert " RTP/AVPF 0 101\r\n" in phone.call("4001", phone.sdp().replace("RTP/AVP", "RTP/AVPF"))


@pytest.mark.parametrize("where", ["IP6 fd00::2", "IP4 phone.example"])
def test_sound_goes_where_the_sip_comes_from(raw: Callable[[], Raw], where: str) -> None:
    """The address in the offer is of no use to us; the port is."""
    phone = raw()
    assert phone.call("4001", phone.sdp().replace("c=IN IP4 127.0.0.1", f"c=IN {where}")).startswith(
        "SIP/2.0 200"
    )
    phone.rtp.settimeout(2)
    assert phone.rtp.recv(2000)[1] & 0x7F == 0


def test_every_stream_of_an_offer_is_answered(raw: Callable[[], Raw]) -> None:
    """RFC 3264, 6: as many m= lines as the offer has."""
    phone = raw()
    answer = phone.call("4001", phone.sdp() + "m=video 5000 RTP/AVP 96\r\n" * 12)
    assert answer.count("m=video 0 ") == 12


def test_the_answer_may_come_in_183_alone(lab: Lab, raw: Callable[[], Raw]) -> None:
    """As some gateways do; the 200 has no SDP then."""
    phone = raw()
    phone.register("1002", SIP_PASSWORD)
    lab.esl.ask(commands.bgapi("originate", "{ignore_early_media=true}user/1002 &park()"))
    invite = phone.hear(r"^INVITE")
    phone.ok(invite, phone.sdp(formats="8 101"), code="183 Session Progress")
    phone.ok(invite)
    phone.hear(r"^ACK")
    assert lab.esl.event("BACKGROUND_JOB").body.startswith(b"+OK")
    assert "Codec-Name: PCMA" in lab.esl.api("uuid_dump", lab.channels()[0]["uuid"])


def test_no_offer_while_another_is_open(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    phone.say(phone.request("INVITE", "4100", phone.sdp()))
    session = lab.session().begin()
    session.execute("ring_ready")
    phone.learn(phone.hear(r"^SIP/2.0 180"))
    for method in ("UPDATE", "INVITE"):
        phone.say(phone.request(method, "4100", phone.sdp("inactive")))
        assert "\r\nretry-after: " in phone.hear(rf"^SIP/2.0 500[\s\S]*{method}").lower()
    session.execute("answer")
    assert "a=sendrecv" in phone.hear(r"^SIP/2.0 200")


# --- requests ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["100rel", "timer, 100rel", "replaces", "x-foo"])
def test_what_is_required_and_unknown_is_named(raw: Callable[[], Raw], wanted: str) -> None:
    """420 (RFC 3261, 8.2.2.3): the caller tries again without. Supported alone asks for nothing."""
    answer = raw().call("4001", require=wanted)
    assert answer.startswith("SIP/2.0 420")
    assert f"Unsupported: {wanted}" in answer
    assert (
        raw().call("4001", supported=wanted, session_expires="1800;refresher=uac").startswith("SIP/2.0 200")
    )


@pytest.mark.parametrize(
    "uri",
    [
        "tel:4001",
        "tel:4001;phone-context=+86",
        "tel:4001;npdi;rn=12",
        "sip:4001;x=y@127.0.0.1;user=phone",
        "sip:%34001@x",
    ],
)
def test_ways_to_write_a_number(raw: Callable[[], Raw], uri: str) -> None:
    phone = raw()
    phone.say(re.sub(r"^INVITE \S+", f"INVITE {uri}", phone.request("INVITE", "4001", phone.sdp())))
    phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("4001")


@pytest.mark.parametrize(
    "caller", ["tel:+8613911", "<tel:+8613911;phone-context=x>", "sip:+8613911@c", "sips:+8613911@c"]
)
def test_ways_to_write_a_caller(lab: Lab, raw: Callable[[], Raw], caller: str) -> None:
    """Without brackets what follows the semicolon is the header's (RFC 3261, 20)."""
    phone = raw()
    phone.say(phone.request("INVITE", "4100", phone.sdp(), **{"from": f"{caller};tag={phone.tag}"}))
    session = lab.session()
    assert session.data and session.data.get("Caller-Caller-ID-Number") == "+8613911"
    assert f";tag={phone.tag}" in phone.hear(r"^SIP/2.0 100")


def test_ways_to_write_a_message(raw: Callable[[], Raw]) -> None:
    phone = raw()
    message = phone.request("INVITE", "4001", phone.sdp())
    for name in ("Content-Type", "Via", "To", "CSeq"):
        message = message.replace(f"\r\n{name}:", f"\r\n{name.upper()} \t:")
    phone.say(("\r\n\r\n" + message.replace("From: ", "From:\r\n  ")).encode())
    assert "m=audio" in phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("4001")


def test_an_invite_that_comes_twice_is_one_call(lab: Lab, raw: Callable[[], Raw]) -> None:
    """Forked by a proxy on its way (RFC 3261, 8.2.2.2)."""
    phone = raw()
    invite = phone.request("INVITE", "4100", phone.sdp())
    phone.say(invite)
    phone.say(invite.replace("branch=z9hG4bK", "branch=z9hG4bKother"))
    phone.hear(r"^SIP/2.0 482")
    assert len(lab.channels()) == 1


def test_requests_of_no_dialog(raw: Callable[[], Raw]) -> None:
    for method, code in (
        ("BYE", 481),
        ("UPDATE", 481),
        ("INFO", 481),
        ("PRACK", 481),
        ("NOTIFY", 200),
        ("SUBSCRIBE", 405),
    ):
        phone = raw()
        phone.say(phone.request(method, "x", event="keep-alive"))
        phone.hear(rf"^SIP/2.0 {code}")


@pytest.mark.parametrize(
    ("headers", "number", "name"),
    [
        ({}, "anonymous", "Nobody"), ({"p_asserted_identity": '"Bo, B" <sip:+8613911@c>'}, "+8613911", "Bo, B"),
        ({"p_asserted_identity": "<tel:+8613911>, <sip:1@c>"}, "+8613911", "Nobody"), ({"p_asserted_identity": "%"}, "anonymous", "Nobody"),
        ({"p_asserted_identity": '"Bo <sip:1@c>'}, "anonymous", "Nobody"),
        ({"remote_party_id": '"Al" <sip:13922@c>;party=calling;screen=yes'}, "13922", "Al"),
        ({"remote_party_id": "<sip:13922@c>", "p_preferred_identity": "<sip:13933@c>"}, "13933", "Nobody"),
    ],
)  # fmt: skip
def test_who_calls(lab: Lab, raw: Callable[[], Raw], headers: dict[str, str], number: str, name: str) -> None:
    """What the carrier says goes before From, as in FreeSWITCH (sofia.c); for the dialplan's conditions too."""
    phone = raw()
    caller = f'"Nobody" <sip:anonymous@anonymous.invalid>;tag={phone.tag}'
    phone.say(phone.request("INVITE", "4100", phone.sdp(), **{"from": caller}, **headers))
    data = lab.session().data
    assert data and (data.get("Caller-Caller-ID-Number"), data.get("Caller-Caller-ID-Name")) == (number, name)
    assert data.get("variable_sip_from_user") == "anonymous"


def test_an_escaped_contact_stays_as_it_is(lab: Lab, raw: Callable[[], Raw]) -> None:
    phone = raw()
    here = f"sip:%231005%20x@127.0.0.1:{phone.port}"
    assert here in phone.register("1005", SIP_PASSWORD, contact=f"<{here}>")
    lab.esl.ask(commands.bgapi("originate", "user/1005 &park()"))
    assert phone.hear(r"^INVITE").startswith(f"INVITE {here} SIP/2.0")


# --- proxies -------------------------------------------------------------------------------------------


def test_a_phone_behind_a_proxy(lab: Lab, raw: Callable[[], Raw]) -> None:
    """RFC 3327: the call takes the registration's Path, nearest proxy first; and what the proxies have recorded."""
    proxy = raw()
    here = f"<sip:127.0.0.1:{proxy.port};lr;x=1>"
    answer = proxy.register(
        "1003",
        SIP_PASSWORD,
        contact="<sip:1003@10.9.9.9:5070>",
        path=f"{here}, <sip:10.8.8.8;lr>",
        supported="path",
    )
    assert answer.count("Path: <sip:") == 2
    lab.esl.ask(commands.bgapi("originate", "{ignore_early_media=true}user/1003 &park()"))
    invite = proxy.hear(r"^INVITE")
    assert invite.startswith("INVITE sip:1003@10.9.9.9:5070 ")
    assert re.findall(r"^Route: <sip:([\d.]+)", invite, re.M) == ["127.0.0.1", "10.8.8.8"]
    recorded = invite.replace(
        "\r\nMax-Forwards", f"\r\nRecord-Route: <sip:127.0.0.1:{proxy.port};lr;ftag=1>\r\nMax-Forwards", 1
    )
    proxy.ok(recorded, proxy.sdp())
    ack = proxy.hear(r"^ACK")
    assert re.findall(r"^Route: <sip:([^>]*)", ack, re.M) == [f"127.0.0.1:{proxy.port};ftag=1;lr"]
    lab.esl.event("BACKGROUND_JOB")
    lab.esl.api("hupall")
    bye = proxy.hear(r"^BYE")
    assert re.findall(r"^Route: <sip:([^>]*)", bye, re.M) == [f"127.0.0.1:{proxy.port};ftag=1;lr"]


def test_credentials_for_another_realm_are_for_somebody_else(raw: Callable[[], Raw]) -> None:
    """A proxy on the way has asked too: the phone answers both, in one message, in any order."""
    phone, other = raw(), 'Digest username="u", realm="proxy", nonce="n", uri="sip:x", response="0"'
    phone.say(phone.request("REGISTER", "1004", user="1004", to="<sip:1004@127.0.0.1>", authorization=other))
    challenge = phone.hear(r"^SIP/2.0 401")
    ours = phone.authorization(challenge, "1004", SIP_PASSWORD, "REGISTER", "sip:1004@127.0.0.1")
    both = f"{other}\r\nAuthorization: {ours}"
    phone.say(phone.request("REGISTER", "1004", user="1004", to="<sip:1004@127.0.0.1>", authorization=both))
    phone.hear(r"^SIP/2.0 200")
