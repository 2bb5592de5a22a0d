"""G.711 by tables only (ITU-T G.711): audioop is deprecated and gone in Python 3.13.

Linear audio is 16-bit little-endian mono at 8 kHz.
"""

from __future__ import annotations

import sys
from array import array
from typing import Literal

Law = Literal["PCMU", "PCMA"]
PAYLOAD_TYPE: dict[Law, int] = {"PCMU": 0, "PCMA": 8}
LAW_OF: dict[int, Law] = {0: "PCMU", 8: "PCMA"}
SILENCE: dict[Law, bytes] = {"PCMU": b"\xff" * 160, "PCMA": b"\xd5" * 160}
"""One 20 ms frame of silence per law."""


def _decode_mu(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return 0x84 - magnitude if code & 0x80 else magnitude - 0x84


def _decode_a(code: int) -> int:
    code ^= 0x55
    segment, value = (code & 0x70) >> 4, (code & 0x0F) << 4
    value += 8 if segment == 0 else 0x108
    if segment > 1:
        value <<= segment - 1
    return value if code & 0x80 else -value


_DECODE: dict[Law, list[int]] = {
    "PCMU": [_decode_mu(code) for code in range(256)],
    "PCMA": [_decode_a(code) for code in range(256)],
}


def _encoder(law: Law) -> bytes:
    """Code of each 16-bit sample (as unsigned): the code whose value is nearest to it."""
    by_value = sorted((value, code) for code, value in enumerate(_DECODE[law]))
    table = bytearray(65536)
    place = 0
    for sample in range(-32768, 32768):
        while place + 1 < len(by_value) and (
            abs(by_value[place + 1][0] - sample) <= abs(by_value[place][0] - sample)
        ):
            place += 1
        table[sample & 0xFFFF] = by_value[place][1]
    return bytes(table)


_ENCODE: dict[Law, bytes] = {"PCMU": _encoder("PCMU"), "PCMA": _encoder("PCMA")}
_LOW: dict[Law, bytes] = {law: bytes(v & 0xFF for v in values) for law, values in _DECODE.items()}
_HIGH: dict[Law, bytes] = {law: bytes(v >> 8 & 0xFF for v in values) for law, values in _DECODE.items()}
_MU_TO_A = bytes(_ENCODE["PCMA"][value & 0xFFFF] for value in _DECODE["PCMU"])
_A_TO_MU = bytes(_ENCODE["PCMU"][value & 0xFFFF] for value in _DECODE["PCMA"])


def encode(linear: bytes, law: Law) -> bytes:
    """Linear to G.711, one byte a sample; an odd last byte is left out."""
    samples = array("H", linear[: len(linear) & ~1])
    if sys.byteorder == "big":
        samples.byteswap()
    return bytes(map(_ENCODE[law].__getitem__, samples))


def decode(codes: bytes, law: Law) -> bytes:
    """G.711 to linear."""
    linear = bytearray(2 * len(codes))
    linear[0::2] = codes.translate(_LOW[law])
    linear[1::2] = codes.translate(_HIGH[law])
    return bytes(linear)


def convert(codes: bytes, source: Law, target: Law) -> bytes:
    """From one law to the other."""
    if source == target:
        return codes
    return codes.translate(_MU_TO_A if source == "PCMU" else _A_TO_MU)


def stereo(left: bytes, right: bytes, law: Law) -> bytes:
    """Two equally long G.711 stretches to interleaved linear stereo."""
    linear = bytearray(4 * len(left))
    linear[0::4] = left.translate(_LOW[law])
    linear[1::4] = left.translate(_HIGH[law])
    linear[2::4] = right.translate(_LOW[law])
    linear[3::4] = right.translate(_HIGH[law])
    return bytes(linear)


def mix(one: bytes, other: bytes) -> bytes:
    """The sum of two equally long linear stretches, limited to 16 bits."""
    a, b = array("h", one), array("h", other)
    return array("h", [max(-32768, min(32767, x + y)) for x, y in zip(a, b, strict=True)]).tobytes()
