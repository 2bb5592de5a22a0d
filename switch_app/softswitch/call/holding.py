"""Music for the party that is on hold: the holder's `hold_music`, silence without it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..media.clip import BadAudio

if TYPE_CHECKING:
    from .channel import Channel

log = logging.getLogger("softswitch.channel")


def hold_music(holder: Channel, other: Channel, held: bool) -> None:
    """The phone of `holder` put `other` on hold, or took it back."""
    music = holder.get("hold_music")
    if not held:
        other.stream.stop()
        return
    if not music or music in ("silence", "indicate_hold"):
        return
    try:
        other.stream.play(holder.switch.sounds.open(music, endless=True))
    except BadAudio as error:
        log.warning("hold music: %s", error)
