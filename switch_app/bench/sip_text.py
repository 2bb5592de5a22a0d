"""SIP messages (RFC 3261) and their digest (RFC 2617), as far as the benches' phones need them."""

from __future__ import annotations

import re
from hashlib import md5
from os import urandom

AUDIO = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"
)
_URI = re.compile(r"<([^>]*)>")
_TAG = re.compile(r";tag=([^;\s]+)")
_USER = re.compile(r"sips?:([^@;>]*)@")
_CAUSE = re.compile(r'text="([^"]*)"')
_PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')


class Message:
    """A request or a response. Of several headers of a name the first counts, but all Vias are kept."""

    __slots__ = ("body", "code", "headers", "method", "phrase", "vias")

    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        self.headers: dict[str, str] = {}
        self.vias: list[str] = []
        for line in lines:
            name, _, value = line.partition(":")
            key = name.strip().lower()
            if key == "via":
                self.vias.append(value.strip())
            else:
                self.headers.setdefault(key, value.strip())
        response = first.startswith("SIP/2.0 ")
        self.code, self.phrase = (int(first[8:11]), first[12:]) if response else (0, "")
        self.method = self.headers.get("cseq", " ").split()[-1] if response else first.partition(" ")[0]

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def uri(self) -> str:
        """Where further requests of the dialog go: the URI of the Contact."""
        found = _URI.search(self["contact"])
        return found[1] if found else self["contact"]

    @property
    def caller(self) -> str:
        """The user of From."""
        found = _USER.search(self["from"])
        return found[1] if found else ""

    @property
    def cause(self) -> str:
        """Why the sender ends the call (RFC 3326): FreeSWITCH names its hangup cause; "" if none."""
        found = _CAUSE.search(self["reason"])
        return found[1] if found else ""

    @property
    def audio(self) -> tuple[str, int]:
        """Where the peer wants its RTP."""
        lines = self.body.split("\r\n")
        host = next(line for line in lines if line.startswith("c=")).split()[2]
        return host, int(next(line for line in lines if line.startswith("m=audio")).split()[1])


def request(
    method: str, uri: str, local: str, dialog: dict[str, str], cseq: int, more: str = "", body: str = ""
) -> bytes:
    """dialog: from, to, id. more: further header lines, each with its CRLF."""
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{urandom(8).hex()}\r\n"
        f"Max-Forwards: 70\r\nFrom: {dialog['from']}\r\nTo: {dialog['to']}\r\nCall-ID: {dialog['id']}\r\n"
        f"CSeq: {cseq} {method}\r\nContact: <sip:bench@{local}>\r\n{more}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def response(asked: Message, code: int, reason: str, local: str, tag: str = "", body: str = "") -> bytes:
    to = asked["to"] if _TAG.search(asked["to"]) or not tag else f"{asked['to']};tag={tag}"
    lines = [f"SIP/2.0 {code} {reason}", *(f"Via: {via}" for via in asked.vias), f"To: {to}"]
    lines += [f"{name}: {asked[name]}" for name in ("from", "call-id", "cseq")]
    lines += [f"Contact: <sip:bench@{local}>", *(["Content-Type: application/sdp"] if body else [])]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def authorization(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """The header line that answers WWW-Authenticate."""
    asked = dict(_PARAMETER.findall(challenge.partition(" ")[2]))
    realm, nonce, cnonce = asked["realm"], asked["nonce"], urandom(4).hex()
    ha1, ha2 = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    answer = _md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
    return (
        f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{answer}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001\r\n'
    )


def _md5(text: str) -> str:
    return md5(text.encode()).hexdigest()
