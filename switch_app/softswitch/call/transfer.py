"""Transfer of a channel to another extension (switch_ivr_session_transfer), with its count."""

from __future__ import annotations

import logging
from dataclasses import replace
from time import time

from .channel import Channel
from .profile import micros
from .states import State

log = logging.getLogger("softswitch.channel")


def transfer(channel: Channel, extension: str, dialplan: str = "", context: str = "") -> bool:
    """Send the channel to the dialplan again, without a context to its `force_transfer_context`.

    Each transfer uses up one of `max_session_transfers`, else of the SIP Max-Forwards, else of 70; at none
    left the call ends with EXCHANGE_ROUTING_ERROR.
    """
    if not channel.up:
        return False
    if not _count(channel):
        channel.hangup("EXCHANGE_ROUTING_ERROR")
        return False
    old = channel.profile
    channel.profile = old.stepped(
        dialplan=dialplan or old.dialplan or "XML",
        context=context or channel.get("force_transfer_context") or old.context or "default",
        destination_number=extension or "service",
        rdnis=old.destination_number,
    )
    channel.profile.times = replace(channel.profile.times, transferred=micros())
    channel.set("signal_bond", None)
    where = f"{extension}/{channel.profile.context}/{channel.profile.dialplan}"
    channel.set("transfer_source", f"{int(time())}:{channel.uuid}:bl_xfer:{where}")
    channel.transferring = True
    channel.originating = False
    channel.bridge_role = ""
    channel.other_profile = None
    channel.stream.stop()
    channel.set_state(State.CS_ROUTING)
    log.info("Transfer %s to %s[%s@%s]", channel.name, dialplan or "XML", extension, channel.profile.context)
    return True


def _count(channel: Channel) -> bool:
    name = "max_session_transfers" if channel.variables.get("max_session_transfers") else "max_forwards"
    stated = channel.variables.get(name)
    left = 70
    if stated:
        left = int(stated) - 1 if stated.lstrip("-").isdecimal() and len(stated) < 12 else -1
    if left <= 0:
        return False
    channel.set(name, str(left))
    return True


def transfer_after_bridge(channel: Channel, where: str) -> None:
    """`extension:dialplan:context`, used once."""
    channel.set("transfer_after_bridge", None)
    extension, dialplan, context, *_ = [*where.split(":"), "", "", ""]
    transfer(channel, extension, dialplan, context)
