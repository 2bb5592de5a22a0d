"""Text and bytes of the wire: URL-encoded values, and text that may stand in a command."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from .errors import LocalWireError

# switch_utils.h, SWITCH_URL_UNSAFE; bytes outside ' '..'~' are encoded too (switch_url_encode_opt).
_UNSAFE = b'\r\n #%&+:;<=>?@[\\]^`{|}"'
_ENCODED = [
    b"%%%02X" % byte if not 0x20 <= byte <= 0x7E or byte in _UNSAFE else bytes((byte,)) for byte in range(256)
]
_SAFE = re.compile(rb"[!$'()*,\-./0-9A-Z_a-z~]*")
_BREAKS = re.compile(r"[\r\n\0]")
_NAME = re.compile(r"[!-9;-~]+")  # visible ASCII without the colon


def decode(raw: bytes) -> str:
    """Bytes to text; what is not UTF-8 becomes U+FFFD."""
    return raw.decode("utf-8", "replace")


def url_decode(raw: bytes) -> str:
    """An encoded value to text. A plus sign is a plus sign."""
    return decode(unquote_to_bytes(raw) if b"%" in raw else raw)


def url_encode(value: str) -> bytes:
    """Text to an encoded value.

    FreeSWITCH leaves an existing %XX as it is, so that its reader cannot tell `%41` from `A`; here
    the percent sign is always encoded and every value comes back as it was.
    """
    raw = value.encode("utf-8", "replace")
    if _SAFE.fullmatch(raw):
        return raw
    return b"".join(map(_ENCODED.__getitem__, raw))


def sendable(value: str, what: str) -> bytes:
    """Text to the bytes of one line. Raises LocalWireError on CR, LF, NUL and unpaired surrogates."""
    if _BREAKS.search(value):
        raise LocalWireError(f"{what} contains CR, LF or NUL")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise LocalWireError(f"{what} is not text: {error.reason}") from None


def sendable_name(name: str, what: str) -> bytes:
    """A header's name or a single word to bytes. Raises LocalWireError on spaces, colons, controls."""
    if not _NAME.fullmatch(name):
        raise LocalWireError(f"{what} is not a name: {name[:40]!r}")
    return name.encode()
