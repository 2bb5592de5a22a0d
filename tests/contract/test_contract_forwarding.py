"""A phone that forwards its calls by itself (302): the call goes nowhere but to phones that we know."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from contract_application import Application
from contract_moves import call_in, ring
from contract_worlds import SIP_PASSWORD, World
from softswitch_sip import Raw

from switch_app.core import signals as s


@pytest.fixture
def phones(world: World) -> Iterator[tuple[Raw, Raw]]:
    if not world.audible:
        pytest.skip("no forwarding without SIP")
    pair = Raw(world.sip_port), Raw(world.sip_port)
    assert pair[0].register("1003", SIP_PASSWORD).startswith("SIP/2.0 200")
    yield pair
    pair[0].register("1003", SIP_PASSWORD, expires="0")
    for each in pair:
        each.close()


def test_it_refuses(app: Application, world: World, phones: tuple[Raw, Raw]) -> None:
    agent, elsewhere = phones
    call_in(world, app)
    leg = ring(app, "1003")
    invite = agent.hear(r"^INVITE")
    kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq):.*?(?=\r?$)", invite, re.M)
    lines = ["SIP/2.0 302 Moved Temporarily", *(f"{each};tag=t" if each.startswith("To:") else each for each in kept)]
    lines.append(f"Contact: <sip:mobile@127.0.0.1:{elsewhere.port}>")
    agent.say("\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n")
    agent.hear(r"^ACK")
    ended = app.wait(s.LegEnded, leg=leg, timeout_s=3)
    assert (ended.reason, ended.cause) == ("rejected", "REQUESTED_CHAN_UNAVAIL")
    assert elsewhere.silent(0.3)
