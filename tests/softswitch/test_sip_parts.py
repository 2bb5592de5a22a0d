"""What is turned away, offers and answers, digests, registrations: SIP without a network."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sippy.SipRequest import SipRequest

from switch_app.softswitch.loop import Loop
from switch_app.softswitch.sip.causes import from_sip, parse_cause, to_sip
from switch_app.softswitch.sip.digest import Digest, Verdict, a1_hash, credentials, fields_of, response_of
from switch_app.softswitch.sip.guard import MAX_DATAGRAM, Refuse, to_text
from switch_app.softswitch.sip.message import clean, header, quoted, url_user
from switch_app.softswitch.sip.ratelimit import RateLimit
from switch_app.softswitch.sip.registrar import Binding, Registrar
from switch_app.softswitch.sip.sdp import Media, SdpError, Session, parse

HEAD = b"OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4:%s;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\n"


# --- the guard -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("port", [b"0", b"65536", b"70000", b"99999999999999999999", b"70000 ", b"70000;x"])
def test_via_ports_out_of_range(port: bytes) -> None:
    with pytest.raises(Refuse):
        to_text(HEAD % port + b"\r\n")
    with pytest.raises(Refuse):
        to_text((HEAD % b"5060").replace(b"From", b"v: SIP/2.0/UDP 1.2.3.4:" + port + b"\r\nFrom") + b"\r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x" * 31, HEAD % b"5060", b"A" * (MAX_DATAGRAM + 1), HEAD % b"5060" + b"X: " + b"y" * 5000 + b"\r\n\r\n",
        HEAD % b"5060" + b"Contact: " + b"<," * 100 + b"\r\n\r\n", HEAD % b"5060" + b"X: y\r\n" * 200 + b"\r\n",
    ],
    ids=["empty", "short", "no end", "large", "long line", "commas", "headers"],
)  # fmt: skip
def test_what_is_not_parsed_at_all(data: bytes) -> None:
    with pytest.raises(Refuse):
        to_text(data)


def test_separators_cannot_make_headers_and_the_body_keeps_its_length() -> None:
    body = "v=0\r\ns=名\r\n".encode()
    data = (
        HEAD % b"5060"
        + "Subject: a\u2028X-Forged: 1\x0bY: 2\x85Z: 3\r\nContent-Length: %d\r\n\r\n".encode() % len(body)
        + body
    )
    request = SipRequest(to_text(data))
    assert not [each for each in request.headers if each.name in ("x-forged", "y", "z")]
    assert request.getBody() is not None
    assert len(str(request.getBody())) == len(body)
    assert to_text(HEAD % b"5060" + b"Subject: \xff\xfe\r\n\r\n").count("\\xff")


# --- texts ---------------------------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_hostile_text_stays_one_line(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029]", clean(text))
    assert not re.search(r"[\"<>\\\r\n]", quoted(text))
    assert re.fullmatch(r"[0-9A-Za-z+*#._~!'()&=$,-]*", url_user(text))
    assert "\n" not in str(header("x-note", text)).replace("\r\n", "")


# --- SDP -----------------------------------------------------------------------------------------------

PHONE = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=sendrecv\r\n"


def test_an_offer_is_read() -> None:
    assert parse(PHONE) == Media("10.0.0.9", 4000, ("PCMA", "PCMU"), 96, "sendrecv", ("audio RTP/AVP",), 0)
    media = parse(
        PHONE.replace("m=audio", "m=image 5 udptl t38\r\nm=audio").replace(
            "a=sendrecv", "c=IN IP4 10.0.0.8\r\na=sendonly"
        )
    )
    assert (media.host, media.direction, media.on_hold, media.audio_index) == (
        "10.0.0.8",
        "sendonly",
        True,
        1,
    )
    assert parse(PHONE.replace("c=IN IP4 10.0.0.9", "c=IN IP4 0.0.0.0")).on_hold
    assert parse(PHONE.replace("\r\n", "\n")).port == 4000
    assert parse(PHONE.replace("telephone-event/8000", "telephone-event/48000")).event_type is None


@pytest.mark.parametrize("where", ["IP4 host.example", "IP6 fd00::2", "IP6 2001:db8::1/64"])
def test_an_address_that_tells_us_nothing(where: str) -> None:
    """A phone on a host with IPv6 may offer that while it speaks SIP over IPv4 (linphone, without an account)."""
    media = parse(PHONE.replace("IP4 10.0.0.9", where))
    assert (media.host, media.port, media.on_hold) == ("", 4000, False)
    assert parse(PHONE.replace("IP4 10.0.0.9", "IP6 ::")).on_hold


@pytest.mark.parametrize(
    "change",
    [
        ("RTP/AVP", "RTP/SAVP"), ("9 8 0 96", "9 18"), ("audio 4000", "audio 0"), ("audio 4000", "audio 70000"), ("audio 4000", "audio x"),
        ("m=audio", "m=video"), ("c=IN", "x=IN"), (PHONE, ""), ("m=audio 4000 RTP/AVP 9 8 0 96", "m="),
    ],
)  # fmt: skip
def test_nothing_for_us(change: tuple[str, str]) -> None:
    with pytest.raises(SdpError):
        parse(PHONE.replace(*change))


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=600))
def test_any_text_is_an_offer_or_an_error(text: str) -> None:
    try:
        parse(text)
    except SdpError:
        pass


def test_answers_mirror_the_offer_and_versions_grow() -> None:
    session = Session("10.0.0.1", 16384)
    offer = parse(PHONE.replace("m=audio", "m=video 9 RTP/AVP 96\r\nm=audio"))
    first = session.answer(offer, "PCMA")
    assert "m=video 0 RTP/AVP 0\r\nm=audio 16384 RTP/AVP 8 96" in first
    assert session.answer(offer, "PCMA") == first
    held = session.answer(parse(PHONE.replace("sendrecv", "sendonly")), "PCMA")
    assert "a=recvonly" in held
    versions = [int(re.search(r"o=Hotline \d+ (\d+)", each)[1]) for each in (first, held)]  # type: ignore[index]
    assert versions[1] == versions[0] + 1
    assert parse(session.offer()).laws == ("PCMU", "PCMA")


# --- digest --------------------------------------------------------------------------------------------


def test_the_example_of_rfc_2617() -> None:
    fields = {
        "uri": "/dir/index.html", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "nc": "00000001", "cnonce": "0a4f113b", "qop": "auth",
    }  # fmt: skip
    a1 = a1_hash("Mufasa", "testrealm@host.com", "Circle Of Life")
    assert response_of(a1, "GET", fields) == "6629fae49393a05397450978507c4ef1"


@pytest.fixture
def digest() -> Digest:
    return Digest("here")


def asked(digest: Digest, password: str = "secret", **changes: str) -> dict[str, str]:
    fields = fields_of(credentials([digest.challenge()], "1001", password, "REGISTER", "sip:here"))
    return {**fields, **changes}


def test_right_and_wrong_credentials(digest: Digest) -> None:
    a1 = a1_hash("1001", "here", "secret")
    assert digest.check(asked(digest), "REGISTER", a1) is Verdict.ACCEPTED
    assert digest.check(asked(digest, "wrong"), "REGISTER", a1) is Verdict.REFUSED
    assert digest.check(asked(digest), "INVITE", a1) is Verdict.REFUSED
    assert digest.check(asked(digest), "REGISTER", None) is Verdict.REFUSED
    assert digest.check(asked(digest, realm="there"), "REGISTER", a1) is Verdict.REFUSED
    assert digest.check({}, "REGISTER", a1) is Verdict.REFUSED


def test_the_challenge_that_we_can_answer_is_chosen() -> None:
    """RFC 8760: a registrar may ask for SHA-256 first."""
    ask = 'Digest realm="r", nonce="{}", algorithm={}, qop="auth"'
    answer = credentials(
        [ask.format("n1", "SHA-256"), ask.format("n2", "MD5")], "u", "p", "REGISTER", "sip:r"
    )
    assert fields_of(answer)["nonce"] == "n2"
    assert credentials([ask.format("n1", "SHA-256"), "Basic x"], "u", "p", "REGISTER", "sip:r") == ""


def test_nonces_of_others_and_old_counts_are_stale(digest: Digest) -> None:
    a1 = a1_hash("1001", "here", "secret")
    fields = asked(digest)
    assert digest.check(fields, "REGISTER", a1) is Verdict.ACCEPTED
    assert digest.check(fields, "REGISTER", a1) is Verdict.STALE
    other = asked(Digest("here"))
    assert digest.check(other, "REGISTER", a1) is Verdict.STALE
    assert "stale=true" in digest.challenge(stale=True)


@given(st.text(max_size=300))
def test_any_authorization_is_refused_or_ignored(text: str) -> None:
    digest = Digest("here")
    assert digest.check(fields_of("Digest " + text), "INVITE", a1_hash("u", "here", "p")) is Verdict.REFUSED


# --- rate limit ----------------------------------------------------------------------------------------


def test_bursts_then_the_rate_for_each_source() -> None:
    limit = RateLimit(10.0, 3)
    assert [limit.allows("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert limit.allows("b", 0.0)
    assert not limit.allows("a", 0.05)
    assert limit.allows("a", 0.16)
    assert [limit.allows("a", 10.0) for _ in range(4)] == [True, True, True, False]
    for number in range(20_000):
        limit.allows(str(number), 10.0)
    assert len(limit._buckets) <= 10_000


# --- registrar -----------------------------------------------------------------------------------------


def register(contacts: str, call_id: str = "c1", cseq: int = 1, expires: str = "") -> SipRequest:
    lines = f"Expires: {expires}\r\n" if expires else ""
    return SipRequest(
        "REGISTER sip:here SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKx\r\nFrom: <sip:1001@here>;tag=1\r\n"
        f"To: <sip:1001@here>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} REGISTER\r\n{contacts}{lines}\r\n"
    )


@pytest.fixture
def registrar() -> tuple[Registrar, list[tuple[str, Binding]]]:
    told = list[tuple[str, Binding]]()
    return Registrar(Loop(), 30, 3600, lambda kind, binding: told.append((kind, binding))), told


def contacts(registrar: Registrar) -> list[str]:
    return sorted(each.contact for each in registrar.bindings("1001"))


def test_bind_refresh_ask_and_unbind(registrar: tuple[Registrar, list[tuple[str, Binding]]]) -> None:
    table, told = registrar
    here = ("10.0.0.9", 5070)
    answer = table.register(register("Contact: <sip:1001@10.0.0.9:5070>;expires=60\r\n"), "1001", here)
    assert answer.scode == 200
    assert "expires=60" in str(answer)
    table.register(register("Contact: <sip:1001@10.0.0.9:5070>\r\n", cseq=2, expires="99999"), "1001", here)
    assert table.bindings("1001")[0].expires_s == 3600
    assert "5070" in str(table.register(register("", cseq=3), "1001", here))
    table.register(register("Contact: <sip:1001@10.0.0.9:5070>;expires=0\r\n", cseq=4), "1001", here)
    assert contacts(table) == []
    assert [kind for kind, _ in told] == ["register", "register", "unregister"]


def test_one_phone_a_user_and_a_star(
    registrar: tuple[Registrar, list[tuple[str, Binding]]],
) -> None:
    table, _ = registrar
    two = "Contact: <sip:1001@10.0.0.9:5070>, <sip:1001@10.0.0.9:5072>;expires=60\r\n"
    table.register(register(two), "1001", ("10.0.0.9", 5070))
    assert contacts(table) == ["sip:1001@10.0.0.9:5070"], "the first, as FreeSWITCH takes it"
    assert (
        table.register(register("Contact: *\r\n", cseq=2, expires="60"), "1001", ("10.0.0.9", 5070)).scode
        == 400
    )
    assert (
        table.register(register("Contact: *\r\n", cseq=3, expires="0"), "1001", ("10.0.0.9", 5070)).scode
        == 200
    )
    assert contacts(table) == []


def test_refusals(registrar: tuple[Registrar, list[tuple[str, Binding]]]) -> None:
    table, _ = registrar
    here = ("10.0.0.9", 5070)
    brief = table.register(register("Contact: <sip:1001@10.0.0.9>;expires=5\r\n"), "1001", here)
    assert (brief.scode, "Min-expires: 30" in str(brief)) == (423, True)
    table.register(register("Contact: <sip:1001@10.0.0.9>\r\n", cseq=9), "1001", here)
    assert table.register(register("Contact: <sip:1001@10.0.0.9>\r\n", cseq=8), "1001", here).scode == 500
    assert table.register(register("Contact: <sip:1001@10.0.0.9:x>\r\n", cseq=10), "1001", here).scode == 400


def test_the_last_that_registered_counts(registrar: tuple[Registrar, list[tuple[str, Binding]]]) -> None:
    """A phone that has restarted, or another one; the word of the one before, that it goes, is about itself."""
    table, told = registrar
    here, there = ("10.0.0.9", 5070), ("10.0.0.8", 5070)
    table.register(register("Contact: <sip:1001@10.0.0.9:5070;ob>\r\n", "before"), "1001", here)
    table.register(register("Contact: <sip:1001@10.0.0.9:5070>\r\n", "after"), "1001", here)
    assert contacts(table) == ["sip:1001@10.0.0.9:5070"]
    table.register(register("Contact: <sip:1001@10.0.0.8:5070>;expires=60\r\n", "other"), "1001", there)
    assert contacts(table) == ["sip:1001@10.0.0.8:5070"]
    table.register(register("Contact: <sip:1001@10.0.0.9:5070>;expires=0\r\n", "after", cseq=5), "1001", here)
    assert contacts(table) == ["sip:1001@10.0.0.8:5070"]
    assert [kind for kind, _ in told] == ["register", "register", "register"]


# --- causes --------------------------------------------------------------------------------------------


def test_causes_both_ways() -> None:
    assert to_sip("USER_BUSY") == (486, "Busy Here")
    assert to_sip("NORMAL_CLEARING") == (480, "Temporarily Unavailable")
    assert (from_sip(486), from_sip(603), from_sip(480)) == ("USER_BUSY", "CALL_REJECTED", "NO_USER_RESPONSE")
    assert from_sip(499) == "NORMAL_UNSPECIFIED"
    assert (parse_cause("17"), parse_cause("user_busy"), parse_cause("nonsense")) == (
        "USER_BUSY",
        "USER_BUSY",
        "NORMAL_CLEARING",
    )
