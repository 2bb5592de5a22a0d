"""Waiting in the switch: park, sleep, and the loop that every blocking application shares."""

from __future__ import annotations

import logging
from typing import Any

from ..tasks import Future
from .channel import Channel

log = logging.getLogger("softswitch.channel")


async def stay(
    channel: Channel,
    until: Future[Any] | None = None,
    timeout_s: float | None = None,
    breakable: bool = True,
    digits: bool = False,
) -> str:
    """Wait and carry out private events meanwhile; what plays is suspended while one runs.

    Returns why it ended: done (the future is set), timeout, break (uuid_break; a parked channel takes
    no notice of it), digit (one waits in the queue; if asked for), gone (the channel's state changed).
    """
    from .execute import run_private

    loop = channel.switch.loop
    deadline = None if timeout_s is None else loop.now() + timeout_s
    while True:
        if not channel.ready:
            return "gone"
        if until is not None and until.done:
            return "done"
        if breakable and channel.break_next:
            channel.break_next = False
            return "break"
        left = None if deadline is None else deadline - loop.now()
        if left is not None and left <= 0:
            return "timeout"
        if channel.has_private:
            playing = channel.stream.suspend()
            await run_private(channel)
            channel.stream.resume(playing)
            continue
        if digits and channel.digit_queue:
            return "digit"
        await channel.pause(until, left)


async def park(channel: Channel) -> None:
    """Silence until somebody takes the channel on (switch_ivr_park). park_timeout: `seconds:CAUSE`."""
    if channel.controlled:
        log.error("%s: Cannot park channels that are under control already.", channel.name)
        return
    timeout, _, cause = (channel.get("park_timeout") or "").partition(":")
    limit = float(timeout) if timeout.isdecimal() and timeout != "0" else None
    if limit is not None:
        channel.set("park_timeout", None)
        channel.set("park_after_bridge", None)
    channel.controlled = True
    channel.fire("CHANNEL_PARK")
    began = channel.switch.loop.now()
    try:
        while True:
            left = None if limit is None else limit - (channel.switch.loop.now() - began)
            why = await stay(channel, timeout_s=left, breakable=False, digits=True)
            channel.digit_queue.clear()
            if why == "timeout":
                channel.hangup(cause or "NORMAL_CLEARING")
            if why != "digit":
                return
    finally:
        channel.controlled = False
        channel.fire("CHANNEL_UNPARK")


async def sleep(channel: Channel, milliseconds: float) -> None:
    await stay(channel, timeout_s=milliseconds / 1000)
