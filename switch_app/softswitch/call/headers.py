"""The headers of a channel's events (switch_channel_event_set_data)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channel import Channel

_WITHOUT_VARIABLES = {"CHANNEL_STATE", "CHANNEL_CALLSTATE", "DTMF", "CHANNEL_APPLICATION"}
"""Names of switch_channel_event_set_extended_data that do not carry variables."""


def channel_headers(channel: Channel, event: str = "CHANNEL_DATA") -> dict[str, str]:
    headers = {
        "Channel-State": channel.running.name,
        "Channel-Call-State": channel.call_state,
        "Channel-State-Number": str(int(channel.state)),
        "Channel-Name": channel.name,
        "Unique-ID": channel.uuid,
        "Call-Direction": channel.direction,
        "Presence-Call-Direction": channel.direction,
        "Channel-HIT-Dialplan": "true" if channel.direction == "inbound" else "false",
        "Channel-Presence-ID": channel.variables.get("presence_id", ""),
        "Channel-Call-UUID": channel.variables.get("call_uuid", channel.uuid),
        "Answer-State": answer_state(channel),
    }
    if not headers["Channel-Presence-ID"]:
        del headers["Channel-Presence-ID"]
    if channel.cause:
        headers["Hangup-Cause"] = channel.cause
    if channel.answered or channel.early or channel.stream.rtp.remote:
        law = channel.stream.rtp.law
        for side in ("Read", "Write"):
            headers |= {
                f"Channel-{side}-Codec-Name": law,
                f"Channel-{side}-Codec-Rate": "8000",
                f"Channel-{side}-Codec-Bit-Rate": "64000",
            }
    headers |= channel.profile.headers("Caller")
    if channel.other_profile:
        kind, profile = channel.other_profile
        headers["Other-Type"] = kind
        headers |= profile.headers("Other-Leg")
    if event not in _WITHOUT_VARIABLES:
        headers |= {f"variable_{name}": value for name, value in channel.variables.items()}
    return headers


def answer_state(channel: Channel) -> str:
    if not channel.up:
        return "hangup"
    if channel.answered:
        return "answered"
    return "early" if channel.early else "ringing"
