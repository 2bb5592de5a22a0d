"""Running applications on a channel, from the dialplan and from private events (switch_core_session.c,
switch_ivr_parse_event)."""

from __future__ import annotations

import logging

from ..dialplan.expand import expand
from .answering import pre_answer
from .channel import Channel, Message, new_uuid

log = logging.getLogger("softswitch.execute")


async def execute(channel: Channel, name: str, argument: str, event_uuid: str = "") -> bool:
    """Run one application to its end. False when it could not run; an unknown one ends the call."""
    if not channel.up:
        return False
    application = channel.switch.applications.get(name)
    if application is None:
        log.error("%s: Invalid Application %s", channel.name, name)
        channel.hangup("DESTINATION_OUT_OF_ORDER")
        return False
    if application.needs_media and not await _has_media(channel):
        return False
    expanded = expander(channel, argument)
    headers = {
        "Application": name,
        "Application-Data": expanded,
        "Application-UUID": event_uuid or new_uuid(),
    }
    channel.set("current_application", name)
    channel.set("current_application_data", expanded)
    channel.set("current_application_response", None)
    channel.application = (name, expanded)
    shown = "***" if channel.true("sensitive_dtmf") else expanded
    log.info("EXECUTE %s %s(%.200s)", channel.name, name, shown)
    channel.fire("CHANNEL_EXECUTE", headers)
    channel.break_next = False
    await application.run(channel, expanded)
    response = channel.variables.get("current_application_response", "_none_")
    channel.fire("CHANNEL_EXECUTE_COMPLETE", {**headers, "Application-Response": response})
    return True


async def _has_media(channel: Channel) -> bool:
    if channel.answered or channel.early:
        return True
    if channel.direction == "inbound":
        return pre_answer(channel)
    await channel.pause(channel.answered_future, timeout_s=2.0)
    if not (channel.answered or channel.early):
        log.warning("%s: no media on an outbound channel", channel.name)
    return channel.answered or channel.early


async def run_private(channel: Channel) -> None:
    """Carry out the oldest message; a playback that is running is suspended meanwhile by its owner."""
    message = channel.private.popleft()
    channel.depth += 1
    channel.locks += message.lock
    try:
        await _carry_out(channel, message)
    finally:
        channel.depth -= 1
        channel.locks -= message.lock


async def run_all_private(channel: Channel) -> None:
    while channel.has_private and channel.up:
        await run_private(channel)


async def _carry_out(channel: Channel, message: Message) -> None:
    if message.command == "hangup":
        channel.hangup(message.cause or "NORMAL_CLEARING")
        return
    if message.command != "execute" or not message.app:
        log.error("%s: Invalid Command %s", channel.name, message.command)
        return
    channel.stop_broadcast = False
    inner = channel.broadcast
    channel.broadcast = True
    loop = channel.switch.loop
    for turn in range(message.loops if message.loops > 0 else 1_000_000):
        began = loop.now()
        done = await execute(channel, message.app, message.arg, message.event_uuid if turn == 0 else "")
        if not done or not channel.ready or channel.stop_broadcast or loop.now() - began < 0.5:
            break
    if not inner:
        channel.broadcast = False
    if channel.stop_broadcast:
        channel.broadcast = False
        channel.break_playback()


def expander(channel: Channel, text: str) -> str:
    """`${name}` in an argument by the channel's variables."""
    return expand(text, channel.get, channel.switch.api_text)
