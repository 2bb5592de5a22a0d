"""Playing to a channel: files, tones, silence, with digits that end it (switch_ivr_play_file)."""

from __future__ import annotations

import logging

from ..media.clip import BadAudio
from .channel import Channel
from .parking import stay

log = logging.getLogger("softswitch.channel")
PLAYED, BROKEN, NOT_FOUND, FAILED = "FILE PLAYED", "BREAK", "FILE NOT FOUND", "PLAYBACK ERROR"


def terminators(channel: Channel) -> str:
    """The digits that end a playback: `playback_terminators`, `*` without it."""
    wanted = channel.get("playback_terminators")
    if wanted is None:
        return "*"
    return {"any": "1234567890*#", "none": ""}.get(wanted.lower(), wanted)


async def play(channel: Channel, name: str, stop_digits: str = "") -> str:
    """Play to the end, to a stop digit or to a uuid_break. Returns PLAYED, BROKEN, NOT_FOUND, or
    FAILED when the channel was taken away meanwhile.

    With stop digits, digits are taken out of the channel's queue, the one that stopped it included
    (`playback_terminator_used`); without, they stay there.
    """
    try:
        source = channel.switch.sounds.open(name)
    except BadAudio as error:
        log.error("%s: cannot play: %s", channel.name, error)
        return NOT_FOUND
    path = {"Playback-File-Path": name}
    channel.fire("PLAYBACK_START", path)
    ended = channel.stream.play(source)
    outcome = PLAYED
    while True:
        why = await stay(channel, ended, digits=bool(stop_digits))
        if why == "digit":
            digit = channel.digit_queue.popleft()
            if digit not in stop_digits:
                continue
            channel.set("playback_terminator_used", digit)
        if why != "done":
            outcome = FAILED if why == "gone" else BROKEN
        break
    channel.stream.stop()
    played = source.played_frames
    channel.set("playback_ms", str(played * 20))
    channel.set("playback_seconds", str(played // 50))
    channel.fire("PLAYBACK_STOP", {**path, "Playback-Status": "done" if outcome == PLAYED else "break"})
    return outcome
