"""A new inbound call: the INVITE becomes a channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..dialplan.directory import User
from ..media.rtp import NoPort
from ..media.stream import Stream
from ..sip.identity import caller_of
from ..sip.inbound import InboundLeg
from ..sip.message import clean, display_name, header, is_understood, not_understood, text_of, user_of
from ..sip.sdp import SdpError
from ..tasks import Task
from . import machine
from .channel import Channel, new_uuid
from .profile import Profile
from .states import State
from .variables import of_invite

if TYPE_CHECKING:
    from ..switch import Switch

log = logging.getLogger("softswitch.channel")


class IncomingCalls:
    """sip.requests.Calls: which calls may come in and what becomes of them."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def user(self, name: str) -> User | None:
        return self._switch.users.get(name)

    def is_inbound(self, fields: Callable[[str], str | None]) -> bool:
        """Is there an extension for it that does more than ask for a password (respond 401, 407)?"""
        route = self._switch.dialplan.hunt(self._switch.config.inbound_context, fields)
        if route is None or not route.actions:
            return False
        first = route.actions[0]
        return not (first.application == "respond" and first.data.split()[:1] in (["401"], ["407"]))

    def accept(self, request: Any, user: User | None) -> Any:
        """100, and a channel in the user's context, or in the inbound one. Answers what sippy wants to know:
        (response, on CANCEL, on missing ACK)."""
        switch = self._switch
        if switch.full:
            answer = request.genResponse(503, "Maximum Calls In Progress")
            answer.appendHeader(header("retry-after", "300"))
            return answer, None, None
        known = switch.stack.dialogs(str(request.getHFBody("call-id")))
        if any(isinstance(leg, InboundLeg) and leg.began_with(request) for leg in known):
            return request.genResponse(482, "Request Merged"), None, None
        if not is_understood(request):
            return not_understood(request), None, None
        forwards = text_of(request, "max-forwards")
        if forwards == "0":
            return request.genResponse(483, "Too Many Hops"), None, None
        try:
            stream = Stream(switch.loop, switch.clock, switch.ports)
        except NoPort:
            return request.genResponse(503, "Service Unavailable"), None, None
        channel = self._channel(request, user, stream)
        try:
            leg = InboundLeg(switch.stack, stream, channel, request)
        except SdpError as error:
            log.info("%s: %s", channel.name, error)
            stream.close()
            return request.genResponse(488, "Not Acceptable Here"), None, None
        channel.leg = leg
        switch.add(channel)
        channel.set_state(State.CS_INIT)
        Task(switch.loop, machine.run(channel), channel.name)
        trying = request.genResponse(100, "Trying")
        return trying, leg.cancelled, leg.never_confirmed

    def _channel(self, request: Any, user: User | None, stream: Stream) -> Channel:
        caller = request.getHFBody("from")
        number, name = caller_of(request)
        if user:
            number, name = user.id, display_name(caller) or user.id
            number = user.variables.get("effective_caller_id_number", number)
            name = user.variables.get("effective_caller_id_name", name)
        profile = Profile(
            "inbound", new_uuid(), "", user_of(request.getRURI()), name, number, ani=number,
            username=user.id if user else user_of(caller.getUrl()),
            context=user.context if user else self._switch.config.inbound_context,
            network_addr=str(request.getSource()[0]),
        )  # fmt: skip
        host = clean(str(caller.getUrl().host))
        profile.channel_name = f"sofia/internal/{profile.caller_id_number}@{host}"
        channel = Channel(self._switch, profile, stream)
        variables = {
            **(user.variables if user else {}),
            **of_invite(request),
            "sip_authorized": "true" if user else "",
            "sofia_profile_name": "internal",
            "presence_id": f"{number}@{self._switch.config.domain}" if user else "",
        }
        for name, value in variables.items():
            channel.set(name, value)
        return channel
