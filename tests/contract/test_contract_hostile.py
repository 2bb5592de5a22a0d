"""Callers who put more into their number and name than a number and a name."""

from __future__ import annotations

import re
import time
import unicodedata
from functools import partial

import pytest
from contract_application import Application
from contract_moves import agent_leg
from contract_worlds import SIP_PASSWORD, World
from rawsip import RawCaller
from softswitch_sip import Raw

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.switches.reconciler import read_channels

EVIL = "evil=1"  # each tries to set a variable of this name, among other things
IDENTITIES = {
    "quotes": b'"Eve \\"the\\" \'Quote\'" <sip:138001@phone.example>',
    "braces": b'"{evil=1}[evil=1]<evil=1>" <sip:138002@phone.example>',
    "commas": b'"x\',evil=1,y=\'" <sip:138003@phone.example>',
    "originate": b'"x} &hangup() {evil=1" <sip:13,evil=1@phone.example>',
    "expansion": b'"${uuid_kill(all)} $${domain} ${evil}" <sip:138004@phone.example>',
    "folded": b'"first line\r\n second: line" <sip:138005@phone.example>',
    "escaped newline": b'"n" <sip:138%0d%0aEvil%3a%201@phone.example>',
    "escaped quotes": b'"n" <sip:138%27%2cevil=1%2c%22@phone.example>',
    "right to left": '"\u202etxt.exe \u2066Eve\u2069" <sip:138006@phone.example>'.encode(),
    "not UTF-8": b'"\xff\xfe\xc3(\x80" <sip:138007@phone.example>',
    "control characters": b'"a\x01\x07\x1b[31mb\x7f" <sip:138008@phone.example>',
    "semicolon": b'"a;evil=1" <sip:138009;evil=1@phone.example>',
    "pipe and bang": b'"a|b!c::d" <sip:138010@phone.example>',
    "long name": b'"' + b"N" * 3000 + b'" <sip:138011@phone.example>',
    "long number": b'"n" <sip:' + b"1" * 3000 + b"@phone.example>",
    "8 KB": b'"' + b"N" * 8192 + b'" <sip:138012@phone.example>',
    "nothing": b"<sip:@phone.example>",
    "anonymous": b'"Anonymous" <sip:anonymous@anonymous.invalid>',
}
TOO_LONG = "8 KB"  # the embedded switch takes no datagram of that size


@pytest.mark.parametrize("kind", IDENTITIES)
def test_a_hostile_caller(world: World, app: Application, kind: str) -> None:
    """It arrives cleaned or not at all, and the agent's phone shows it without any harm."""
    if not world.sip:
        pytest.skip("a double without SIP has no hostile SIP")
    agent = world.agent(answer_after_s=0.0)
    app.on(s.CallArrived, lambda signal: o.Answer(signal.leg))
    with RawCaller(world.server, IDENTITIES[kind]) as caller:
        caller.invite()
        code = caller.wait_answer(1.5)
        if code != 200:
            assert kind == TOO_LONG and (code >= 400 or code == 0), f"answered {code}"
            assert app.seen(s.CallArrived) == [] and held(app) == set()
            return
        call = app.wait(s.CallArrived)
        assert_clean(call.ani, 64)
        assert_clean(call.name, 128)
        assert call.dnis == "4000" and call.context == "inbound" and call.interaction == call.leg
        other = agent_leg(app)
        app.order(o.CallAgent(other, call.interaction, "1001", 5.0, call.ani, call.name))
        message = str(agent.wait_for("incoming")["message"])
        app.wait(s.LegAnswered)
        assert_harmless(message)
        app.until(lambda: held(app) == {call.leg, other}, "the switch lists these two legs")
        for leg in (call.leg, other):
            assert world.api("uuid_getvar", f"{leg} evil") == "_undef_"
        app.order(o.Join("join", call.leg, other))
        app.wait(s.Joined)
    app.until(lambda: len(app.seen(s.LegEnded)) == 2, "both ends")


def held(app: Application) -> set[str]:
    """What the reconciler reads: no caller's name may blind it."""
    channels = read_channels(app.api("show", "channels as json"))
    assert channels is not None
    return set(channels)


def assert_clean(text: str, limit: int) -> None:
    assert len(text) <= limit
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in text), repr(text)


def assert_harmless(message: str) -> None:
    """One From, no header that the caller made, nothing that turns the display round."""
    head = message.partition("\r\n\r\n")[0]
    lines = head.split("\r\n")
    assert len([line for line in lines if re.match(r"(?i)(from|f)\s*:", line)]) == 1
    assert not any(re.match(r"(?i)\s*(evil|second)\s*:", line) for line in lines), head
    sender = next(line for line in lines if line.lower().startswith("from:"))
    assert len(sender) < 400
    assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in sender), repr(sender)


def test_a_sip_password_is_no_key_to_the_switch(world: World) -> None:
    """FreeSWITCH would run what a MESSAGE to api+COMMAND says, `system` too."""
    if not world.sip:
        pytest.skip("a double without SIP takes no message")
    phone, target = Raw(world.sip_port), "api+global_setvar%20evil=1"
    try:
        message = partial(phone.request, "MESSAGE", target, "x", content_type="text/plain", user="1002")
        phone.say(message())
        answer = phone.hear(r"^SIP/2.0 [2-6]")
        if answer.startswith("SIP/2.0 407"):
            given = phone.authorization(answer, "1002", SIP_PASSWORD, "MESSAGE", f"sip:{target}@127.0.0.1")
            phone.say(message(proxy_authorization=given))
            answer = phone.hear(r"^SIP/2.0 [2-6]")
        assert answer.startswith(("SIP/2.0 202", "SIP/2.0 405"))
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            assert world.api("global_getvar", "evil").strip() != "1"
    finally:
        phone.close()
