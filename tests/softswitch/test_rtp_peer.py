"""Where the sound goes: to the phone, behind NAT too, and to nobody who only throws packets at the port."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest

from switch_app.softswitch.loop import Loop
from switch_app.softswitch.media.reports import is_report
from switch_app.softswitch.media.rtp import Endpoint, Ports

PHONE, STRANGER = ("127.0.0.1", 5004), ("127.0.0.1", 6006)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    found = Endpoint(Loop(), Ports("127.0.0.1", 30_000, 39_998))
    found.set_remote(PHONE)
    yield found
    found.close()


def packet(sequence: int, ssrc: int = 1) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, 160 * sequence, ssrc) + b"\xff" * 160


def goes_to(endpoint: Endpoint) -> tuple[str, int] | None:
    return endpoint._latched or endpoint.remote


def test_the_phone_of_the_sdp_is_taken_at_once(endpoint: Endpoint) -> None:
    endpoint._receive(packet(7), PHONE)
    assert endpoint.packets_in == 1 and goes_to(endpoint) == PHONE


def test_a_phone_behind_nat_shows_itself_by_its_stream(endpoint: Endpoint) -> None:
    for number in (65_533, 65_534, 65_535, 0, 2, 3):  # one is lost, and the count begins anew at the top
        endpoint._receive(packet(number), STRANGER)
    assert goes_to(endpoint) == STRANGER


def test_stray_packets_take_nothing_away(endpoint: Endpoint) -> None:
    """A single one did, before the phone had spoken."""
    rng = random.Random(1)
    for _ in range(500):
        endpoint._receive(bytes([0x80, 0]) + bytes(10) + rng.randbytes(160), STRANGER)
        endpoint._receive(b"\x80\xe5" + rng.randbytes(14), STRANGER)
        endpoint._receive(b"\xbf" + rng.randbytes(50), STRANGER)
    assert goes_to(endpoint) == PHONE and endpoint.packets_in == 0


def test_a_stream_beside_the_phone_s_own_is_no_other_place(endpoint: Endpoint) -> None:
    for number in range(50):
        endpoint._receive(packet(number), PHONE)
        endpoint._receive(packet(number, ssrc=2), STRANGER)
    assert goes_to(endpoint) == PHONE and endpoint.packets_in == 50


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\1\0\0" + bytes(16), packet(1)[:12], packet(1)[:13]])
def test_whatever_the_phone_sends_is_a_sign_of_life(endpoint: Endpoint, data: bytes) -> None:
    """Nothing, a byte, STUN, a packet without sound, comfort noise; but not of somebody else."""
    endpoint.heard_at = 1.0
    endpoint._receive(data, STRANGER)
    assert endpoint.heard_at == 1.0
    endpoint._receive(data, PHONE)
    assert endpoint.heard_at > 1.0


def test_reports_are_of_the_phone_s_host(endpoint: Endpoint) -> None:
    """Of the one that its SDP names, or the one where its SIP comes from (NAT)."""
    endpoint.signals_from = "192.0.2.2"
    for host, counts in (("192.0.2.1", False), (PHONE[0], True), ("192.0.2.2", True)):
        endpoint.heard_at = 1.0
        endpoint._reported(host)
        assert (endpoint.heard_at > 1.0) is counts


def test_a_muted_phone_behind_nat_lives_by_what_keeps_its_way_open(endpoint: Endpoint) -> None:
    """It has never shown a stream; once it has, that place alone counts."""
    endpoint.signals_from, behind = "192.0.2.2", ("192.0.2.2", 40_000)
    endpoint.heard_at = 1.0
    endpoint._receive(b"\0", behind)
    assert endpoint.heard_at > 1.0
    for number in range(6):
        endpoint._receive(packet(number), behind)
    endpoint.heard_at = 1.0
    endpoint._receive(b"\0", ("192.0.2.2", 40_002))
    assert endpoint.heard_at == 1.0


SENDER, RECEIVER = b"\x80\xc8\0\6" + bytes(24), b"\x81\xc9\0\7" + bytes(28)
NAMES, BYE = b"\x81\xca\0\2" + bytes(8), b"\x81\xcb\0\1" + bytes(4)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (SENDER, True), (RECEIVER, True), (SENDER + NAMES, True), (RECEIVER[:8], True), (RECEIVER + NAMES + BYE, False),
        (BYE, False), (NAMES, False), (b"", False), (b"\x80", False), (b"\0" * 40, False), (packet(1), False),
        (SENDER + b"\xff" * 9, False), (SENDER + b"\0" * 9, False),
    ],
)  # fmt: skip
def test_what_is_a_report(data: bytes, says: bool) -> None:
    assert is_report(data) is says
