"""Phones that vanish without a word: who sends nothing any more is hung up with MEDIA_TIMEOUT.

As FreeSWITCH does it (switch_core_media.c, check_media_timeout_params): `media_timeout`, a variable of the
channel or a global one, in milliseconds, 0 or none: never; `media_hold_timeout` while the phone holds or only
listens, else ten times as long. Any packet counts; other than in FreeSWITCH also RTCP at the port beside, as
phones send it that are muted and say nothing (RFC 3550).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channel import Channel

LOOK_S = 1.0
_SILENT_S = 0.5  # who speaks sends many packets in so long a time
_HOLDING = 10


def has_vanished(channel: Channel, now: float) -> bool:
    """Whether nothing was heard for too long. now: monotonic."""
    if not channel.answered or not channel.up:
        return False
    limit_ms = _milliseconds(channel, "media_timeout")
    if channel.leg and (channel.leg.held or channel.leg.listens):
        limit_ms = _milliseconds(channel, "media_hold_timeout") or _HOLDING * limit_ms
    silent_s = now - channel.stream.rtp.heard_at
    if limit_ms and silent_s > _SILENT_S:
        channel.stream.rtp.mind_reports()
    return bool(limit_ms) and 1000 * silent_s > limit_ms


def _milliseconds(channel: Channel, name: str) -> int:
    value = channel.get(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
