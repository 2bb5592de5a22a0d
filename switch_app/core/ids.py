"""Ids derived from stream and version: no randomness, and the same again in a replay."""

from __future__ import annotations

from hashlib import sha256


def derived_uuid(*parts: object) -> str:
    """A UUID-shaped id (version 8 of RFC 9562: custom) of the parts."""
    raw = bytearray(sha256("\x1f".join(map(str, parts)).encode()).digest()[:16])
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
