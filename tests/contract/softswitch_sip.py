"""A SIP phone made of a UDP socket: sends what a real phone would not, and sees every byte."""

from __future__ import annotations

import hashlib
import os
import re
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from softswitch_lab import Lab, until


class Raw:
    """One UDP socket; `say` sends a message, `hear` waits for the next that matches."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.switch = ("127.0.0.1", port)
        self.port = self.socket.getsockname()[1]
        self.call_id = os.urandom(8).hex()
        self.tag = os.urandom(4).hex()
        self.cseq = 0
        self.to_tag = ""
        self.target = ""
        self.seen: list[str] = []

    def close(self) -> None:
        self.socket.close()
        self.rtp.close()

    def say(self, message: str | bytes) -> None:
        data = (
            message
            if isinstance(message, bytes)
            else message.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        )
        self.socket.sendto(data, self.switch)

    def hear(self, pattern: str, timeout_s: float = 5.0) -> str:
        """The next message whose text matches."""
        deadline = time.monotonic() + timeout_s
        while True:
            for place, text in enumerate(self.seen):
                if re.search(pattern, text):
                    del self.seen[place]
                    return text
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise AssertionError(
                    f"nothing like {pattern!r} in {timeout_s:g} s; heard {[s[:60] for s in self.seen]}"
                )
            self.seen.append(self.socket.recv(65536).decode(errors="replace"))

    def silent(self, seconds: float) -> bool:
        """Nothing comes in so long a time?"""
        return not self.seen and not select.select([self.socket], [], [], seconds)[0]

    def request(self, method: str, target: str, body: str = "", **headers: str) -> str:
        """A request with the usual headers; keyword arguments replace or add (name_with_underscores)."""
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        to = headers.pop("to", f"<sip:{target}@127.0.0.1>" + (f";tag={self.to_tag}" if self.to_tag else ""))
        fields = {
            "Via": f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{os.urandom(6).hex()}",
            "From": f"<sip:{headers.pop('user', '13800000001')}@127.0.0.1>;tag={self.tag}",
            "To": to,
            "Call-ID": self.call_id,
            "CSeq": f"{self.cseq} {method}",
            "Contact": f"<sip:raw@127.0.0.1:{self.port}>",
            "Max-Forwards": "70",
            **{name.replace("_", "-").title(): value for name, value in headers.items()},
        }
        if body and "Content-Type" not in fields:
            fields["Content-Type"] = "application/sdp"
        uri = self.target or f"sip:{target}@127.0.0.1"
        lines = [f"{method} {uri} SIP/2.0"]
        lines += [f"{'Call-ID' if n == 'Call-Id' else n}: {v}" for n, v in fields.items() if v]
        lines.append(f"Content-Length: {len(body.encode())}")
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def sdp(
        self, direction: str = "sendrecv", port: int = 0, formats: str = "0 8 101", host: str = "127.0.0.1"
    ) -> str:
        return (
            f"v=0\r\no=raw 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            f"m=audio {port or self.rtp.getsockname()[1]} RTP/AVP {formats}\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
        )

    def learn(self, answer: str) -> str:
        """Take the dialog's tag and target from an answer."""
        tag = re.search(r"^To:.*;tag=([^;\s]+)", answer, re.M)
        contact = re.search(r"^Contact:.*<([^>]+)>", answer, re.M)
        self.to_tag = tag[1] if tag else ""
        self.target = contact[1] if contact else ""
        return answer

    def ok(self, request: str, body: str = "", code: str = "200 OK", contact: bool = True) -> None:
        """Answer a request that was heard."""
        head = re.findall(r"^(?:Via|From|To|Call-ID|CSeq|Record-Route):.*$", request, re.M)
        lines = [f"SIP/2.0 {code}"]
        for line in head:
            line = line.rstrip("\r")
            lines.append(
                line + f";tag={self.tag}" if line.startswith("To:") and ";tag=" not in line else line
            )
        if contact:
            lines.append(f"Contact: <sip:raw@127.0.0.1:{self.port}>")
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        self.say("\r\n".join(lines) + "\r\n\r\n" + body)

    def call(self, target: str, body: str | None = None, **headers: str) -> str:
        """INVITE, answer, ACK: returns the final answer's text."""
        invite = self.request("INVITE", target, self.sdp() if body is None else body, **headers)
        self.say(invite)
        answer = self.hear(r"^SIP/2.0 [2-6]\d\d")
        self.learn(answer)
        if answer.startswith("SIP/2.0 2"):
            self.ack(target)
        return answer

    def ack(self, target: str, body: str = "") -> None:
        self.say(self.request("ACK", target, body))

    def register(
        self, user: str, password: str, expires: str = "60", qop: bool = True, **headers: str
    ) -> str:
        """REGISTER with digest; the final answer."""
        self.say(
            self.request(
                "REGISTER", user, user=user, to=f"<sip:{user}@127.0.0.1>", expires=expires, **headers
            )
        )
        challenge = self.hear(r"^SIP/2.0 401")
        again = self.authorization(challenge, user, password, "REGISTER", f"sip:{user}@127.0.0.1", qop)
        self.say(
            self.request(
                "REGISTER",
                user,
                user=user,
                to=f"<sip:{user}@127.0.0.1>",
                expires=expires,
                authorization=again,
                **headers,
            )
        )
        return self.hear(r"^SIP/2.0 \d\d\d[\s\S]*CSeq: " + str(self.cseq))

    def authorization(
        self,
        challenge: str,
        user: str,
        password: str,
        method: str,
        uri: str,
        qop: bool = True,
        count: int = 1,
    ) -> str:
        fields = dict(re.findall(r'(\w+)="([^"]*)"', re.search(r"Authenticate: Digest (.*)", challenge)[1]))  # type: ignore[index]
        a1, a2 = md5(f"{user}:{fields['realm']}:{password}"), md5(f"{method}:{uri}")
        nc = f"{count:08x}"
        middle = f"{fields['nonce']}:{nc}:abcd:auth" if qop else fields["nonce"]
        extra = f', qop=auth, nc={nc}, cnonce="abcd"' if qop else ""
        return (
            f'Digest username="{user}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", uri="{uri}", '
            f'response="{md5(f"{a1}:{middle}:{a2}")}"{extra}'
        )


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@contextmanager
def raws(lab: Lab) -> Iterator[Callable[[], Raw]]:
    """Makes phones; at the end they are closed, and the switch is as if nobody had called."""
    made: list[Raw] = []

    def make() -> Raw:
        made.append(Raw(lab.sip_port))
        return made[-1]

    yield make
    lab.esl.api("hupall")
    until(lambda: not lab.channels(), "no channel is left")
    lab.drain()
    lab.esl.events.clear()
    for each in made:
        each.close()
