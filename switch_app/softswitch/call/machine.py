"""The state machine of a channel (switch_core_state_machine.c): one coroutine from birth to end."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable

from .bridge import exchange_media, soft_execute
from .channel import Channel
from .execute import execute, expander
from .parking import park
from .recording import stop_recording
from .states import State
from .variables import set_end

log = logging.getLogger("softswitch.channel")


async def run(channel: Channel) -> None:
    """Enter one state after the other as they are asked for, until the call is over. A bug on the way ends
    this call and leaves nothing behind."""
    if channel.direction == "outbound":
        channel.fire("CHANNEL_OUTGOING")
    while channel.up:
        state = channel.enter()
        if state == State.CS_INIT:
            _tell_birth(channel)
        handler = _HANDLERS.get(state)
        try:
            if handler:
                await handler(channel)
        except Exception:  # noqa: BLE001
            log.exception("bug: %s failed in %s", channel.name, state.name)
            channel.hangup("DESTINATION_OUT_OF_ORDER")
        while channel.up and channel.state == channel.running and channel.ready:
            await channel.pause()
    _finish(channel)


def _tell_birth(channel: Channel) -> None:
    channel.fire("CHANNEL_CREATE")
    if channel.direction == "outbound":
        channel.fire("CHANNEL_ORIGINATE")
    else:
        channel.set_call_state("RINGING")


def _finish(channel: Channel) -> None:
    """The events of the end, in FreeSWITCH's order, and everything let go."""
    if channel.running < State.CS_INIT:
        _tell_birth(channel)
    _tell_state(channel, State.CS_HANGUP)
    for recorder in list(channel.recorders):
        stop_recording(channel, recorder)
    channel.bridge_originator = False
    channel.set_call_state("HANGUP")
    if channel.listener:
        channel.listener.hung_up()
    set_end(channel)
    _tell_state(channel, State.CS_REPORTING)
    channel.fire("CHANNEL_HANGUP_COMPLETE")
    channel.state = State.CS_DESTROY
    channel.fire("CHANNEL_DESTROY")
    _tell_state(channel, State.CS_DESTROY)
    channel.switch.forget(channel)


def _tell_state(channel: Channel, state: State) -> None:
    channel.state = channel.running = state
    channel.fire("CHANNEL_STATE")


def _inline(channel: Channel, name: str, data: str) -> None:
    """Actions with inline="true" run during the hunt, so that later conditions see what they set."""
    if name == "set":
        variable, _, value = expander(channel, data).partition("=")
        channel.set(variable.strip(), value)
    else:
        log.warning("%s cannot run inline", name)


async def _init(channel: Channel) -> None:
    channel.set_state(State.CS_ROUTING)


async def _routing(channel: Channel) -> None:
    """Look up the dialplan; a leg that we call waits for its originator instead."""
    if channel.originating:
        channel.set_state(State.CS_CONSUME_MEDIA)
        return
    profile = channel.profile
    route = channel.switch.dialplan.hunt(
        profile.context, channel.get, lambda name, data: _inline(channel, name, data)
    )
    if route is None:
        log.info("%s: no route for %s", channel.name, channel.profile.destination_number)
        channel.hangup("NO_ROUTE_DESTINATION")
        return
    channel.extension, channel.extension_name = deque(route.actions), route.extension
    channel.set_state(State.CS_EXECUTE)


async def _execute(channel: Channel) -> None:
    """Run the extension's actions, those that are left after an interruption."""
    channel.set("call_uuid", channel.uuid)
    if not channel.extension:
        channel.hangup("NORMAL_CLEARING")
        return
    while channel.ready and channel.extension:
        action = channel.extension.popleft()
        if not await execute(channel, action.application, action.data):
            return
    if channel.ready:
        log.info("%s: executed the last dialplan instruction", channel.name)
        channel.hangup("NORMAL_CLEARING")


async def _park(channel: Channel) -> None:
    await park(channel)


async def _hibernate(channel: Channel) -> None:
    """On the way into uuid_bridge (uuid_bridge_on_hibernate)."""
    if channel.bridge_role:
        channel.set_state(State.CS_RESET)


async def _reset(channel: Channel) -> None:
    """The first leg of a uuid_bridge goes on; every other channel stays here until it is transferred."""
    channel.set("call_uuid", channel.uuid)
    if channel.bridge_role == "originator":
        channel.set_state(State.CS_SOFT_EXECUTE)


_HANDLERS: dict[State, Callable[[Channel], Awaitable[None]]] = {
    State.CS_INIT: _init,
    State.CS_ROUTING: _routing,
    State.CS_EXECUTE: _execute,
    State.CS_SOFT_EXECUTE: soft_execute,
    State.CS_EXCHANGE_MEDIA: exchange_media,
    State.CS_PARK: _park,
    State.CS_HIBERNATE: _hibernate,
    State.CS_RESET: _reset,
}
