"""A seeded flood of broken SIP, RTP and ESL ends nothing and stalls nothing: a live call beside it goes on."""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, Line, until
from softswitch_sip import Raw

from switch_app.esl import commands

SECONDS = 3.0
PER_SECOND = 1500
STALL_S = 2.0  # a loaded machine delays packets too, but not so long
EXTRA = """<extension name="endless"><condition field="destination_number" expression="^4900$">
  <action application="answer"/><action application="endless_playback" data="tone_stream://%(1000,0,440)"/>
  </condition></extension>"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tmp_path, extra=EXTRA, log_level="info") as lab:
        yield lab


class Listener(threading.Thread):
    """A live call: receives the tone and keeps the gaps between packets and the lost ones."""

    def __init__(self, phone: Raw) -> None:
        super().__init__(daemon=True)
        self.phone = phone
        self.gaps: list[float] = []
        self.lost = 0
        self.running = True

    def run(self) -> None:
        last_at, last = 0.0, -1
        while self.running:
            if not select.select([self.phone.rtp], [], [], STALL_S)[0]:
                self.gaps.append(STALL_S)
                continue
            data = self.phone.rtp.recv(2000)
            now = time.monotonic()
            sequence = struct.unpack_from("!H", data, 2)[0]
            if last >= 0:
                self.lost += (sequence - last - 1) & 0xFFFF
                self.gaps.append(now - last_at)
            last, last_at = sequence, now


def survives(lab: Lab, flood: Callable[[Raw], None]) -> Listener:
    """Run the flood beside a live call; afterwards everything works as before."""
    phone = Raw(lab.sip_port)
    assert phone.call("4900").startswith("SIP/2.0 200")
    listener = Listener(phone)
    listener.start()
    until(lambda: len(listener.gaps) > 20, "the tone is heard")
    before = memory_mb(lab)
    flood(phone)
    began = time.monotonic()
    assert lab.control().api("status").startswith("UP")
    assert time.monotonic() - began < STALL_S, "the Event Socket answers at once"
    listener.running = False
    listener.join()
    assert lab.process and lab.process.poll() is None
    assert listener.lost <= len(listener.gaps) // 50, "nobody takes the tone away"
    assert max(listener.gaps) < STALL_S, "nothing stalls (how late packets are: scripts/bench softswitch)"
    assert memory_mb(lab) - before < 60
    assert lab.log.stat().st_size < 2_000_000
    other = Raw(lab.sip_port)
    assert other.register("1001", SIP_PASSWORD).startswith("SIP/2.0 200")
    phone.say(phone.request("BYE", "4900"))
    phone.hear(r"^SIP/2.0 200[\s\S]*BYE")
    phone.close()
    other.close()
    return listener


def memory_mb(lab: Lab) -> float:
    assert lab.process
    status = Path(f"/proc/{lab.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def paced(send: Callable[[], None], seconds: float = SECONDS, per_second: int = PER_SECOND) -> None:
    began, sent = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        while sent < elapsed * per_second:
            send()
            sent += 1
        time.sleep(0.002)


def mutated(rng: random.Random, samples: list[bytes]) -> bytes:
    data = bytearray(rng.choice(samples))
    for _ in range(rng.randint(1, 6)):
        kind = rng.randrange(6)
        place = rng.randrange(len(data)) if data else 0
        if kind == 0:
            data[place : place + rng.randint(1, 40)] = b""
        elif kind == 1:
            data[place:place] = rng.randbytes(rng.randint(1, 30))
        elif kind == 2:
            other = rng.choice(samples)
            cut = rng.randrange(len(other))
            data[place:place] = other[cut : cut + 200]
        elif kind == 3 and data:
            data[place] = rng.randrange(256)
        elif kind == 4:
            data[place:place] = rng.choice(
                [b"\r\n", b"\0", b"<,", b"%00", b":65536", b'"', b";tag=", b"\xff\xfe", b"-1"]
            ) * rng.randint(1, 60)
        else:
            data[place:place] = b"9" * rng.randint(1, 30)
    return bytes(data[:60_000])


def test_sip(lab: Lab) -> None:
    rng = random.Random(20261)
    phone = Raw(lab.sip_port)
    samples = [
        phone.request("INVITE", "4900", phone.sdp()).encode(),
        phone.request("INVITE", "1001", phone.sdp()).encode(),
        phone.request("INVITE", "4900", "--b\r\nc: application/sdp\r\n\r\n" + phone.sdp() + "--b\r\n\r\nx\r\n--b--\r\n", content_type='multipart/mixed; boundary="b"').encode(),
        phone.request("INVITE", "4900", p_asserted_identity='"B" <tel:+86139;npdi>, <sip:1@c>', remote_party_id="<sip:1%32@c>;party=x", require="", supported="100rel").encode(),
        phone.request("REGISTER", "1001", user="1001", contact="<sip:1001@127.0.0.1:5070>;expires=60, *", authorization='Digest username="1001", realm="test.local", nonce="1.2.3", uri="sip:x", response="0", nc=zz, qop=auth').encode(),
        phone.request("OPTIONS", "x").encode(),
        phone.request("CANCEL", "4900").encode(),
        phone.request("BYE", "4900", to="<sip:4900@127.0.0.1>;tag=x").encode(),
        phone.request("ACK", "4900").encode(),
        phone.request("REFER", "4900", refer_to="<sip:1@x?Replaces=a%3Bto-tag%3Db>").encode(),
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n",
    ]  # fmt: skip

    def flood(_: Raw) -> None:
        paced(lambda: phone.say(mutated(rng, samples)))

    survives(lab, flood)
    phone.close()


@pytest.mark.parametrize(
    "datagram",
    [
        b"INVITE sip:4900@x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:70000;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: q\r\nCSeq: 1 INVITE\r\n\r\n",
        b"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: q\r\nCSeq: 1 REGISTER\r\nContact: " + b"<," * 20_000 + b"\r\n\r\n",
        b"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: q\r\nCSeq: 1 REGISTER\r\nContact: " + b"<," * 1900 + b"\r\n\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP no-such-host.invalid:5060;branch=z9hG4bK1;received=no-such-host.invalid\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: q\r\nCSeq: 1 OPTIONS\r\n\r\n",
        b"INVITE sip:4900@x SIP/2.0\r\n" + b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n" * 150 + b"\r\n",
        b"A" * 9000,
        b"\r\n\r\n",
    ],
    ids=["via port", "40 KB of commas", "4 KB of commas", "host names", "many headers", "large", "keep-alive"],
)  # fmt: skip
def test_single_datagrams_that_once_hurt(lab: Lab, datagram: bytes) -> None:
    """Three packets with a Via port above 65535 silenced sippy's own transport; 40 KB of `<,` took 0.44 s."""
    phone = Raw(lab.sip_port)

    def flood(_: Raw) -> None:
        for _ in range(20):
            phone.say(datagram)
        time.sleep(0.2)

    survives(lab, flood)
    phone.close()


def test_rtp(lab: Lab) -> None:
    """Strangers' packets at the live call's port, and broken ones of the right peer."""
    rng = random.Random(20262)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def flood(phone: Raw) -> None:
        ports = list(range(lab.settings["rtp_low"], lab.settings["rtp_high"], 2))[:200]
        header = bytes([0x80, 0]) + bytes(10)

        def send() -> None:
            data = rng.choice(
                [
                    header + rng.randbytes(160),
                    rng.randbytes(rng.randint(0, 1400)),
                    b"\x80\xe5" + rng.randbytes(14),
                    b"\xbf" + rng.randbytes(50),
                    b"\x90" + rng.randbytes(11),
                ]
            )
            (phone.rtp if rng.random() < 0.3 else stranger).sendto(data, ("127.0.0.1", rng.choice(ports)))

        paced(send)

    survives(lab, flood)
    stranger.close()


def test_esl_before_the_password(lab: Lab) -> None:
    rng = random.Random(20263)
    samples = [
        b"auth " + b"x" * 40 + b"\n\n",
        b"api status\n\n",
        b"connect\n\n",
        b"Content-Length: 99999999\n\n",
        b"sendmsg\nContent-Length: -1\n\n",
    ]

    def flood(_: Raw) -> None:
        def send() -> None:
            with socket.create_connection(("127.0.0.1", lab.esl_port)) as sock:
                sock.sendall(mutated(rng, samples))

        paced(send, per_second=200)

    survives(lab, flood)


def test_esl_after_the_password(lab: Lab) -> None:
    """Every command with broken arguments, on connections that come and go."""
    rng = random.Random(20264)
    uuid = ["no-such-uuid", "", "x" * 300]
    lines = [
        "api", "api originate", "api originate {", "api originate {a=b}[c user/1001 &park()", "api originate user/1001,,|| &",
        "api originate {originate_timeout=1}error/nonsense &park()", "api originate user/x &playback(", "bgapi", "bgapi status",
        "api uuid_bridge @ @", "api uuid_kill @ 99999", "api uuid_setvar @ a b", "api uuid_setvar @ bad:name\x01 b", "api uuid_setvar_multi @ a=1;;=;b",
        "api uuid_record @ start /no/such/folder/x.wav", "api uuid_record @ start /dev/full", "api uuid_broadcast @ playback::nothing", "api uuid_broadcast @ tone_stream://%(1,1,",
        "api uuid_transfer @ 4900 XML inbound extra", "api uuid_dump @ json", "api uuid_dump @", "api show channels as json", "api show nothing", "api show calls as xml",
        "event plain ALL", "event json ALL", "event", "event xml CUSTOM a b", "filter", "filter a", "filter a /(((/", "filter delete all", "nixevent ALL", "noevents",
        "sendmsg @\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: silence_stream://10", "sendmsg @\ncall-command: hangup2", "sendmsg", "myevents @", "linger 5",
        "sendevent CUSTOM\nEvent-Subclass: x\na: b", "sendevent NONSENSE", "divert_events on", "log 9", "getvar x", "resume",
    ]  # fmt: skip

    def flood(_: Raw) -> None:
        line: list[Line] = []

        def send() -> None:
            if not line or rng.random() < 0.02:
                while line:
                    line.pop().close()
                line.append(lab.control())
                threading.Thread(target=drain, args=(line[0].socket,), daemon=True).start()
            text = rng.choice(lines).replace("@", rng.choice(uuid)).encode() + b"\n\n"
            if rng.random() < 0.2:
                text = mutated(rng, [text])
            try:
                line[0].send(text)
            except OSError:
                line.pop().close()

        paced(send, per_second=300)
        while line:
            line.pop().close()

    survives(lab, flood)


def drain(sock: socket.socket) -> None:
    try:
        while sock.recv(65536):
            pass
    except OSError:
        pass


def test_the_live_call_itself_is_handled_roughly(lab: Lab) -> None:
    """Commands of all sorts at the very channel that plays, none of which may end it."""
    rng = random.Random(20265)
    phone = Raw(lab.sip_port)
    phone.call("4900")
    uuid = lab.channels()[0]["uuid"]
    line = lab.control()
    line.ask(commands.events(["ALL"], "json"))
    calls = [
        f"uuid_setvar {uuid} v {'x' * 2000}", f"uuid_setvar {uuid} hold_music %%%", f"uuid_break {uuid}", f"uuid_break {uuid} all",
        f"uuid_broadcast {uuid} tone_stream://%(20,0,900) aleg", f"uuid_broadcast {uuid} no-such.wav both", f"uuid_record {uuid} start {lab.folder}/r.wav",
        f"uuid_record {uuid} stop all", f"uuid_send_dtmf {uuid} 123ABCX", f"uuid_dump {uuid} json", f"uuid_flush_dtmf {uuid}", f"uuid_bridge {uuid} {uuid}",
    ]  # fmt: skip
    for _ in range(400):
        name, _, args = rng.choice(calls).partition(" ")
        line.send(commands.api(name, args))
    replies = [line.reply() for _ in range(400)]
    assert all(reply.content_type == "api/response" for reply in replies)
    until(lambda: lab.esl.api("uuid_exists", uuid) == "true", "the call lives")
    phone.rtp.settimeout(2)
    assert len(phone.rtp.recv(2000)) > 12
    phone.say(phone.request("BYE", "4900"))
    until(lambda: not lab.channels(), "it ends when the phone wants it")
    phone.close()
