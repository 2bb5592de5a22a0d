"""Two channels joined (switch_ivr_bridge.c): uuid_bridge, the bridge application, and how a bridge ends.

The first leg runs the bridge; the second is in CS_EXCHANGE_MEDIA and is hung up with the pair unless
its own variables say otherwise. What each leg does afterwards is in survival.md's table.
"""

from __future__ import annotations

import logging

from ..media import stream
from ..truth import is_true
from .answering import answer
from .channel import Channel
from .execute import run_private
from .holding import hold_music
from .profile import micros
from .states import State
from .transfer import transfer_after_bridge

log = logging.getLogger("softswitch.bridge")


def uuid_bridge(first: Channel, second: Channel) -> bool:
    """Take both channels out of whatever they do and join them. False if that is not possible."""
    if not first.up or not second.up or first is second:
        return False
    if not (first.answered or first.early):
        if not (second.answered or second.early):
            log.error("Neither channel is answered, cannot bridge them.")
            return False
        first, second = second, first
        log.warning("reversing order of channels so this will work!")
    for one, other, role in ((first, second, "originator"), (second, first, "originatee")):
        one.redirecting = one.transferring = True
        one.set("bridge_channel", other.name)
        one.set("bridge_uuid", other.uuid)
        one.set("signal_bond", other.uuid)
        one.bridge_role = role
        one.broadcast = False
        one.stream.stop()
    first.set("uuid_bridge", second.uuid)
    first.profile, second.profile = first.profile.stepped(), second.profile.stepped()
    first.other_profile = ("originatee", second.profile)
    second.other_profile = ("originator", first.profile)
    for one in (first, second):
        one.set_state(State.CS_CONSUME_MEDIA if one.state == State.CS_HIBERNATE else State.CS_HIBERNATE)
    return True


async def soft_execute(channel: Channel) -> None:
    """CS_SOFT_EXECUTE: the first leg waits for the second to be free, then runs the bridge."""
    role, channel.bridge_role = channel.bridge_role, ""
    if role != "originator":
        return
    other = channel.switch.channels.get(channel.variables.get("uuid_bridge", ""))
    channel.set("uuid_bridge", None)
    if other is None or not await _meet(channel, other):
        _no_bridge(channel, other)
        return
    for one, peer in ((channel, other), (other, channel)):
        one.application = ("uuid_bridge", peer.uuid)
        one.fire("CHANNEL_EXECUTE", {"Application": "uuid_bridge", "Application-Data": peer.uuid})
    await run_bridge(channel, other)
    if (
        channel.up
        and not channel.transferring
        and not channel.redirecting
        and channel.state
        not in (
            State.CS_ROUTING,
            State.CS_PARK,
        )
    ):
        channel.set_state(State.CS_EXECUTE)


async def _meet(channel: Channel, other: Channel) -> bool:
    """Wait until the second leg has left what it did. False if one of them is gone before that."""
    loop = channel.switch.loop
    deadline = loop.now() + 20.0
    other.partner, channel.partner = channel, other
    while channel.ready and other.up and loop.now() < deadline:
        if other.running == State.CS_RESET and other.state == State.CS_RESET:
            other.set_state(State.CS_SOFT_EXECUTE)
        if other.running == other.state == State.CS_SOFT_EXECUTE and (other.answered or other.early):
            return True
        await channel.pause(timeout_s=0.02)
    return False


def _no_bridge(channel: Channel, other: Channel | None) -> None:
    where = channel.get("transfer_after_bridge")
    if other is not None and other.up and other.partner is channel:
        other.hangup("DESTINATION_OUT_OF_ORDER")
    if not channel.ready:
        return
    if channel.true("park_after_bridge"):
        channel.set_state(State.CS_PARK)
    elif where:
        transfer_after_bridge(channel, where)
    else:
        channel.hangup("DESTINATION_OUT_OF_ORDER")


async def run_bridge(first: Channel, second: Channel) -> None:
    """Join the audio until one of them leaves; then do what the first leg's variables say."""
    _begin(first, second)
    clean = await _exchange(first, second)
    _end(first, second)
    # The second leg leaves its exchange before the first decides, but a first leg that hung up ends
    # first: order of events as in FreeSWITCH.
    while first.up and second.state == State.CS_EXCHANGE_MEDIA and second.up:
        await first.pause(second.ended, timeout_s=0.02)
    _set_bridge_cause(first, second)
    if clean or first.transferring or first.redirecting or not first.up:
        return
    cause = second.cause or "NORMAL_CLEARING"
    if not (second.answered or second.early):
        return
    where = first.get("transfer_after_bridge")
    if second.answered and first.true("park_after_bridge"):
        first.set_state(State.CS_PARK)
    elif second.answered and where:
        transfer_after_bridge(first, where)
    elif second.answered and is_true(first.get("hangup_after_bridge")):
        first.hangup(cause)


def _begin(first: Channel, second: Channel) -> None:
    first.partner, second.partner = second, first
    first.bridge_originator = True
    first.bridged = second.bridged = True
    if second.answered and not first.answered:
        answer(first)
    first.other_profile = ("originatee", second.profile)
    second.other_profile = ("originator", first.profile)
    for one, peer in ((first, second), (second, first)):
        one.set("bridge_to", peer.uuid)
        one.set("last_bridge_to", peer.uuid)
        one.set("last_bridge_role", "originator" if one is first else "originatee")
        one.set("signal_bond", peer.uuid)
        one.set("bridge_uuid", peer.uuid)
        one.set("bridge_channel", peer.name)
        one.profile.times.bridged = micros()
    second.set("call_uuid", first.uuid)
    stream.connect(first.stream, second.stream)
    second.set_state(State.CS_EXCHANGE_MEDIA)
    pair = {"Bridge-A-Unique-ID": first.uuid, "Bridge-B-Unique-ID": second.uuid}
    first.fire("CHANNEL_BRIDGE", pair)
    for one in (first, second):
        if one.leg and one.leg.held and one.partner:
            hold_music(one, one.partner, True)


def _end(first: Channel, second: Channel) -> None:
    stream.disconnect(first.stream, second.stream)
    first.bridge_originator = False
    first.bridged = second.bridged = False
    second.poke()
    if first.up:
        first.stream.stop()
    second.set("call_uuid", second.uuid)
    first.set("bridge_to", None)
    pair = {"Bridge-A-Unique-ID": first.uuid, "Bridge-B-Unique-ID": second.uuid}
    first.fire("CHANNEL_UNBRIDGE", pair)


def _set_bridge_cause(first: Channel, second: Channel) -> None:
    for one, other in ((first, second), (second, first)):
        if other.cause:
            one.set("bridge_hangup_cause", other.cause)
            one.set("last_bridge_hangup_cause", other.cause)


async def _exchange(channel: Channel, other: Channel) -> bool:
    """Stay in the bridge and carry out private events, the other leg hearing nothing meanwhile.

    True if the channel itself was taken away (a clean exit: nothing is done after the bridge).
    """
    while True:
        if channel.transferring:
            return True
        if other.transferring or not other.bridged or not other.up:
            return False
        if not channel.ready:
            return channel.up and channel.state != State.CS_RESET
        if channel.has_private:
            stream.disconnect(channel.stream, other.stream)
            await run_private(channel)
            if channel.bridged and other.bridged and channel.partner is other:
                stream.connect(channel.stream, other.stream)
            continue
        channel.digit_queue.clear()
        channel.break_next = False
        await channel.pause()


async def exchange_media(channel: Channel) -> None:
    """CS_EXCHANGE_MEDIA: the second leg of a bridge (audio_bridge_on_exchange_media)."""
    other = channel.partner
    if other is None or not channel.bridged:
        channel.hangup("DESTINATION_OUT_OF_ORDER")
        return
    clean = await _exchange(channel, other)
    channel.bridged = False
    other.poke()
    channel.set("bridge_to", None)
    if channel.up:
        channel.stream.stop()
    if clean or channel.transferring or channel.redirecting or channel.state != State.CS_EXCHANGE_MEDIA:
        return
    where = channel.get("transfer_after_bridge")
    if channel.true("park_after_bridge"):
        channel.set_state(State.CS_PARK)
    elif where:
        transfer_after_bridge(channel, where)
    elif channel.answered:
        channel.hangup("NORMAL_CLEARING")
    else:
        channel.hangup("ORIGINATOR_CANCEL")
