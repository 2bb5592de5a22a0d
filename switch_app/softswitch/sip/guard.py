"""What is turned away before it is parsed: datagrams that cost too much or would break the parser.

sippy 2.5.0 parses a comma list in quadratic time (40 KB of `<,` in a Contact took 0.44 s), splits
header lines at Unicode separators, and sends answers to whatever port a Via names.
"""

from __future__ import annotations

import ipaddress
import re

MAX_DATAGRAM = 8192
_MAX_LINE = 4096
_MAX_COMMAS = 40
_MAX_HEADERS = 128

_VIA_PORT = re.compile(rb"^(?:via|v)[ \t]*:[^\n]*?:[ \t]*(\d+)[ \t]*(?:;|,|\r|$)", re.I | re.M)
_SPACE_BEFORE_COLON = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.M)  # allowed by RFC 3261, 7.3.1; not by sippy
_BARE = re.compile(  # an address of another scheme without brackets, which sippy knows for sip: alone
    rb"^((?:from|f|to|t|contact|m|refer-to|r)[ \t]*:[ \t]*)((?:tel|sips):[^;,<>\r\n \t]+)", re.I | re.M
)
_SEPARATORS = dict.fromkeys((0x00, 0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029), "?")


class Refuse(Exception):
    """This datagram is dropped; the message says why."""


def to_text(data: bytes) -> str:
    """The datagram as text that sippy can parse. Raises Refuse.

    The head is UTF-8 with foreign bytes shown as \\xNN; the body keeps one character per byte, since
    sippy compares Content-Length with characters.
    """
    if len(data) > MAX_DATAGRAM:
        raise Refuse("larger than 8 KB")
    data = data.lstrip(b"\r\n")  # RFC 3261, 7.5
    if len(data) < 32:
        raise Refuse("too short")
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        head, blank, body = data.partition(b"\n\n")
        if not blank:
            raise Refuse("no end of headers")
    _check_lines(head)
    head = _BARE.sub(rb"\1<\2>", _SPACE_BEFORE_COLON.sub(rb"\1:", head))
    _check_via_ports(head)
    text = head.decode("utf-8", "backslashreplace").translate(_SEPARATORS)
    return text + "\r\n\r\n" + body.decode("latin-1")


def _check_lines(head: bytes) -> None:
    lines = head.split(b"\n")
    if len(lines) > _MAX_HEADERS:
        raise Refuse("too many headers")
    for line in lines:
        if len(line) > _MAX_LINE:
            raise Refuse("header too long")
        if line.count(b",") > _MAX_COMMAS:
            raise Refuse("too many commas in a header")


def _check_via_ports(head: bytes) -> None:
    for port in _VIA_PORT.findall(head):
        if not 1 <= int(port[:12]) <= 65535:
            raise Refuse("Via port out of range")


def numeric(host: str) -> bool:
    """True for an IPv4 address in numbers: names would have to be resolved, which blocks."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
