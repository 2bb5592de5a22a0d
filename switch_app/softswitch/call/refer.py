"""A phone transfers its call with REFER (RFC 3515): blind, and attended with Replaces (RFC 3891)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..sip.message import url_user
from .bridge import uuid_bridge
from .transfer import transfer

if TYPE_CHECKING:
    from .channel import Channel

log = logging.getLogger("softswitch.refer")


def refer(
    channel: Channel, target: Any, replaces: tuple[str, str, str] | None
) -> Callable[[], object] | None:
    """The phone of `channel` wants its partner elsewhere: what is to be done, None if it is in no call or
    asks for the impossible."""
    partner = channel.partner if channel.bridged else None
    if partner is None or not partner.up:
        return None
    if replaces:
        return _attended(channel, partner, replaces)
    number = url_user(str(target.username or ""))
    if not number:
        return None
    # The partner says where it may be sent; else where the phone may dial, its partner may be sent.
    context = "" if partner.get("force_transfer_context") else _home(channel)
    partner.set("blind_transfer_uuid", channel.uuid)
    return partial(transfer, partner, number, "XML", context)


def _home(channel: Channel) -> str:
    """The context in which this phone dials."""
    return channel.variables.get("user_context") or channel.profile.context


def _is_free(partner: Channel, channel: Channel) -> bool:
    """Whether the phone of `channel` may give its partner to somebody: not who may only be sent elsewhere,
    or a caller could join the agents of two calls of his."""
    return (partner.get("force_transfer_context") or _home(channel)) == _home(channel)


def _attended(
    channel: Channel, partner: Channel, replaces: tuple[str, str, str]
) -> Callable[[], object] | None:
    """The other call of the same phone is named by its dialog: its partner gets ours."""
    call_id, to_tag, from_tag = replaces
    for other in channel.switch.channels.values():
        dialog = other.leg.dialog if other.leg else None
        if (
            dialog is None
            or dialog.call_id != call_id
            or {dialog.local_tag, dialog.remote_tag} != {to_tag, from_tag}
        ):
            continue
        third = other.partner if other.bridged else None
        if third is None or not third.up or not (_is_free(partner, channel) and _is_free(third, channel)):
            return None
        return partial(uuid_bridge, partner, third)
    return None
