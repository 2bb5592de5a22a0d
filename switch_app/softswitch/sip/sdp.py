"""SDP offers and answers (RFC 4566, 3264) for one audio stream of G.711 with telephone events."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from ..media.g711 import LAW_OF, PAYLOAD_TYPE, Law
from .guard import numeric

PROTOCOLS = ("RTP/AVP", "RTP/AVPF")  # AVPF differs in RTCP alone (RFC 4585), of which we say nothing
NOWHERE = "0.0.0.0"  # noqa: S104 (RFC 2543: on hold)
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MIRROR = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


class SdpError(Exception):
    """There is nothing here that we can talk to (488)."""


@dataclass(frozen=True)
class Media:
    """What the peer offers or accepts. direction is the peer's own view. host: in numbers, "" for a name or
    IPv6: then sound goes where the SIP comes from, until the peer's own sound shows its place."""

    host: str
    port: int
    laws: tuple[Law, ...]
    event_type: int | None
    direction: str
    other_media: tuple[str, ...] = ()
    audio_index: int = 0

    @property
    def on_hold(self) -> bool:
        """The peer wants to hear nothing."""
        return self.direction in ("sendonly", "inactive") or self.host == NOWHERE


@dataclass
class _Section:
    media: str
    port: int
    protocol: str
    formats: list[str]
    host: str = ""
    direction: str = ""
    maps: dict[str, str] = field(default_factory=dict)


def parse(body: str) -> Media:
    """Raises SdpError."""
    host, direction, sections = "", "sendrecv", list[_Section]()
    for line in body.replace("\r", "\n").split("\n")[:400]:
        kind, _, value = line.strip().partition("=")
        current = sections[-1] if sections else None
        if kind == "m":
            sections.append(_media_line(value))
        elif kind == "c":
            address = value.split()[-1].partition("/")[0] if value.split() else ""
            if current:
                current.host = address
            else:
                host = address
        elif kind == "a":
            name, _, argument = value.partition(":")
            if name in DIRECTIONS:
                if current:
                    current.direction = name
                else:
                    direction = name
            elif name == "rtpmap" and current:
                number, _, encoding = argument.partition(" ")
                current.maps[number.strip()] = encoding.strip().upper()
    return _choose(sections, host, direction)


def _media_line(value: str) -> _Section:
    media, port, protocol, *formats = value.split() + [""] * max(0, 3 - len(value.split()))
    number = port.partition("/")[0]
    return _Section(media, int(number) if number.isdecimal() and len(number) < 6 else -1, protocol, formats)


def _choose(sections: list[_Section], host: str, direction: str) -> Media:
    for index, section in enumerate(sections):
        if section.media != "audio" or section.protocol not in PROTOCOLS or not 0 < section.port <= 65535:
            continue
        laws, event_type = list[Law](), None
        for number in section.formats:
            encoding = section.maps.get(number, "")
            payload_type = int(number) if number.isdecimal() and len(number) < 4 else -1
            law = LAW_OF.get(payload_type)
            if law and encoding in ("", f"{law}/8000", f"{law}/8000/1"):
                laws.append(law)
            elif (
                encoding.startswith("TELEPHONE-EVENT/8000")
                and 96 <= payload_type <= 127
                and event_type is None
            ):
                event_type = payload_type
        address = section.host or host
        if not laws or not address:
            continue
        if address == "::":
            address = NOWHERE
        others = tuple(each.media + " " + each.protocol for each in sections)
        return Media(
            address if numeric(address) else "",
            section.port,
            tuple(laws),
            event_type,
            section.direction or direction,
            others,
            index,
        )
    raise SdpError("no G.711 audio over RTP/AVP")


class Session:
    """Our side of one session: writes offers and answers with a version that grows (RFC 3264, 8)."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._id = secrets.randbits(31)
        self._version = self._id
        self._last = ""
        self.event_type: int | None = None
        """The number for telephone events that the peer was last told."""

    def offer(self, laws: tuple[Law, ...] = ("PCMU", "PCMA"), direction: str = "sendrecv") -> str:
        return self._write(laws, 101, direction, ("audio RTP/AVP",), 0)

    def answer(self, media: Media, law: Law) -> str:
        """One law, the peer's number for telephone events, its direction mirrored, other media refused."""
        direction = _MIRROR[media.direction]
        return self._write((law,), media.event_type, direction, media.other_media, media.audio_index)

    def _write(
        self,
        laws: tuple[Law, ...],
        event_type: int | None,
        direction: str,
        media: tuple[str, ...],
        audio: int,
    ) -> str:
        lines: list[str] = []
        self.event_type = event_type
        for index, each in enumerate(media):
            kind, _, protocol = each.partition(" ")
            if index != audio:
                lines.append(f"m={kind} 0 {protocol} 0")
                continue
            numbers = [PAYLOAD_TYPE[law] for law in laws] + ([event_type] if event_type else [])
            lines.append(f"m=audio {self._port} {protocol} {' '.join(map(str, numbers))}")
            lines += [f"a=rtpmap:{PAYLOAD_TYPE[law]} {law}/8000" for law in laws]
            if event_type:
                lines += [f"a=rtpmap:{event_type} telephone-event/8000", f"a=fmtp:{event_type} 0-15"]
            lines += ["a=ptime:20", f"a={direction}"]
        rest = "\r\n".join(lines)
        if self._last and rest != self._last:
            self._version += 1
        self._last = rest
        return (
            f"v=0\r\no=Hotline {self._id} {self._version} IN IP4 {self._host}\r\ns=Hotline\r\n"
            f"c=IN IP4 {self._host}\r\nt=0 0\r\n{rest}\r\n"
        )
