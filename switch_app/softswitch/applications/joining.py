"""The bridge application: call somebody for this channel and join both."""

from __future__ import annotations

import logging

from ..call import bridge as joining
from ..call.channel import Channel
from ..call.originate import originate
from ..call.states import State
from ..truth import is_true

log = logging.getLogger("softswitch.applications")


async def bridge(channel: Channel, argument: str) -> None:
    """`originate`'s dial string. A failed call ends this one too unless continue_on_fail says otherwise
    (`true`, or the causes that are let through)."""
    timeout = channel.get("call_timeout") or ""
    dial = _exports(channel) + argument
    outcome = await originate(
        channel.switch,
        dial,
        float(timeout) if timeout.isdecimal() and len(timeout) < 7 else 60.0,
        parent=channel,
    )
    if outcome.channel is None:
        _failed(channel, outcome.cause)
        return
    channel.set("originate_disposition", "SUCCESS")
    channel.set("DIALSTATUS", "SUCCESS")
    other = outcome.channel
    other.originating = False
    if not channel.ready:
        other.hangup("ORIGINATOR_CANCEL")
        return
    await joining.run_bridge(channel, other)


def _exports(channel: Channel) -> str:
    names = [name for name in channel.variables.get("export_vars", "").split(",") if name]
    pairs = []
    for name in names:
        value = channel.variables.get(name)
        if value:
            plain = name.removeprefix("nolocal:")
            pairs.append(f"{plain}='" + value.replace("'", "").replace("\\", "") + "'")
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _failed(channel: Channel, cause: str) -> None:
    channel.set("originate_disposition", cause)
    channel.set("DIALSTATUS", cause)
    channel.set("originate_failed_cause", cause)
    go_on = channel.get("continue_on_fail") or ""
    if is_true(go_on) or cause in go_on.upper().split(","):
        return
    if channel.ready and channel.state == State.CS_EXECUTE:
        channel.hangup(cause)
