"""A phone that vanishes in the middle of a call, without a word: the call ends, and the other side's too."""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Iterator

import pytest
from contract_all import ALL, new_world
from contract_application import Application
from contract_moves import call_in, ring
from contract_worlds import CALLER, NUMBER, World
from softswitch_sip import Raw

from switch_app.core import orders as o
from switch_app.core import signals as s

TIMEOUT_S = 2
MUSIC = ("tone:%(10000,0,1000)",)


@pytest.fixture(scope="module", params=ALL[1:])
def impatient(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A switch that waits a short time for sound."""
    world = new_world(request.param, tmp_path_factory.mktemp("impatient"), media_timeout_s=TIMEOUT_S)
    yield world
    world.close()


@pytest.fixture
def app(impatient: World) -> Iterator[Application]:
    application = impatient.application()
    try:
        application.wait_up()
        yield application
        impatient.clear()
    finally:
        application.stop()


def test_a_caller_who_waits_vanishes(impatient: World, app: Application) -> None:
    caller = impatient.phones.caller(CALLER, impatient.server, alone=True)
    caller.play_tone(440)
    caller.call(NUMBER)
    leg = app.arrived()
    app.order(o.Play("music", leg, MUSIC, endless=True))
    caller.wait_for("confirmed")
    time.sleep(TIMEOUT_S + 1.5)
    assert not app.seen(s.LegEnded), "who sends sound stays"
    caller.unplug()
    ended = app.wait(s.LegEnded, TIMEOUT_S + 3, leg=leg)
    assert (ended.reason, ended.cause, ended.by) == ("unreachable", "MEDIA_TIMEOUT", "application")
    app.until(impatient.has_no_legs, "its channel is gone")


def test_an_agent_who_talks_vanishes(impatient: World, app: Application) -> None:
    """The caller is brought back into the flow, as after any talk."""
    agent = impatient.lonely_agent("1002")
    agent.behave(answer_after_s=0.0)
    agent.play_tone(600)
    caller, leg = call_in(impatient, app)
    other = ring(app, "1002")
    app.wait(s.LegAnswered, leg=other)
    app.order(o.Join("join", leg, other, ""))
    app.wait(s.Joined)
    agent.unplug()
    ended = app.wait(s.LegEnded, TIMEOUT_S + 4, leg=other)
    assert (ended.cause, ended.by) == ("MEDIA_TIMEOUT", "application")
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back in the socket")
    assert caller.in_call


def test_a_caller_who_holds_stays_longer(impatient: World, app: Application) -> None:
    """Ten times as long."""
    caller = impatient.caller()
    caller.call(NUMBER)
    leg = app.arrived()
    app.order(o.Play("music", leg, MUSIC, endless=True))
    caller.wait_for("confirmed")
    caller.hold()
    time.sleep(TIMEOUT_S + 2.5)
    assert not app.seen(s.LegEnded)
    caller.hangup()
    app.wait(s.LegEnded, leg=leg)


SIGNS = {
    "": b"",
    "listens only": b"",  # as its SDP says (recvonly)
    "comfort noise": struct.pack("!BBHII", 0x80, 13, 1, 0, 7) + b"\x40",  # RFC 3389
    "a way kept open": b"\0",  # through a NAT
    "reports": struct.pack("!BBHI", 0x80, 201, 1, 7),  # RTCP, at the next port
    "a goodbye": struct.pack("!BBHIBBHI", 0x80, 201, 1, 7, 0x81, 203, 1, 7),  # of RTCP
}


def test_muted_phones_that_give_other_signs_of_life(impatient: World, app: Application) -> None:
    """Phones that send no sound: who sends nothing else has vanished. FreeSWITCH minds the
    sound's own port alone, and what an SDP says of all its media (switch_core_media.c), not of the sound."""
    phones, legs, ports = {}, {}, {}
    for sign in SIGNS:
        phone = phones[sign] = Raw(impatient.sip_port)
        phone.say(phone.request("INVITE", NUMBER, phone.sdp("recvonly" if "listens" in sign else "sendrecv")))
        legs[sign] = app.arrived()
        ports[sign] = int(re.search(r"m=audio (\d+)", phone.learn(phone.hear(r"^SIP/2.0 200")))[1])
        phone.ack(NUMBER)
        app.order(o.Play("music", legs[sign], MUSIC, endless=True))
    over = time.monotonic() + TIMEOUT_S + 1.5
    while time.monotonic() < over:
        for sign, packet in SIGNS.items():
            beside = sign in ("reports", "a goodbye")
            if packet:
                phones[sign].rtp.sendto(packet, ("127.0.0.1", ports[sign] + beside))
        time.sleep(0.25)
    ended = {each.leg for each in app.seen(s.LegEnded, cause="MEDIA_TIMEOUT")}
    gone = {sign for sign, leg in legs.items() if leg in ended}
    assert gone == {"", "a goodbye"} | ({"reports", "listens only"} if impatient.name == "freeswitch" else set())
    for phone in phones.values():
        phone.close()
