"""Phones that vanish without a word: whose sound stays away is hung up with MEDIA_TIMEOUT.

As FreeSWITCH does it (switch_core_media.c, check_media_timeout_params): `media_timeout`, a variable of the
channel or a global one, in milliseconds, 0 or none: never; `media_hold_timeout` while the phone holds, else
ten times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channel import Channel

LOOK_S = 1.0
_HOLDING = 10


def has_vanished(channel: Channel, now: float) -> bool:
    """Whether nothing was heard for too long. now: monotonic."""
    if not channel.answered or not channel.up:
        return False
    limit_ms = _milliseconds(channel, "media_timeout")
    if channel.leg and channel.leg.held:
        limit_ms = _milliseconds(channel, "media_hold_timeout") or _HOLDING * limit_ms
    return bool(limit_ms) and 1000 * (now - channel.stream.rtp.heard_at) > limit_ms


def _milliseconds(channel: Channel, name: str) -> int:
    value = channel.get(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
