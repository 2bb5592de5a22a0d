"""Calling out (switch_ivr_originate): groups in turn, each at once, the first answer wins."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..media.g711 import Law
from ..media.rtp import NoPort
from ..media.stream import Stream
from ..sip.outbound import Call, OutboundLeg, Target
from ..tasks import Future, Task, first
from ..truth import is_true
from . import machine
from .answering import pre_answer, ring_ready
from .channel import Channel, new_uuid
from .dialstring import Destination, DialStringError, parse
from .endpoints import NoEndpoint, resolve
from .profile import Profile
from .states import State

if TYPE_CHECKING:
    from ..switch import Switch

log = logging.getLogger("softswitch.originate")
_UUID = re.compile(r"[0-9A-Za-z_.-]{1,64}")


@dataclass
class Outcome:
    """The channel that answered, or the cause why none did."""

    cause: str
    channel: Channel | None = None
    tried: list[Channel] = field(default_factory=list)


async def originate(
    switch: Switch,
    dial: str,
    timeout_s: float = 60.0,
    caller_name: str = "",
    caller_number: str = "",
    parent: Channel | None = None,
    wanted: Future[None] | None = None,
) -> Outcome:
    """Call. `parent` hears ringing and early media, and its end cancels the calls; `wanted`, when set,
    cancels them too."""
    try:
        common, groups = parse(dial)
    except DialStringError as error:
        log.warning("dial string not understood: %s", error)
        return Outcome("INVALID_URL")
    outcome = Outcome("NORMAL_CLEARING")
    for group in groups:
        attempt = _Attempt(switch, common, timeout_s, caller_name, caller_number, parent, wanted)
        outcome = await attempt.run(group)
        if outcome.channel or attempt.cancelled:
            break
    return outcome


class _Attempt:
    """One group of destinations, called at once."""

    def __init__(
        self,
        switch: Switch,
        common: dict[str, str],
        timeout_s: float,
        caller_name: str,
        caller_number: str,
        parent: Channel | None,
        wanted: Future[None] | None,
    ) -> None:
        self.switch, self.common, self.parent, self.wanted = switch, common, parent, wanted
        self.timeout_s = _seconds(common.get("originate_timeout")) or timeout_s
        self.caller_name = common.get("origination_caller_id_name") or caller_name
        self.caller_number = common.get("origination_caller_id_number") or caller_number
        self.ignore_early = common.get("ignore_early_media", "")
        self.cancelled = False

    async def run(self, group: list[Destination]) -> Outcome:
        channels: list[Channel] = []
        cause = "NORMAL_CLEARING"
        for destination in group:
            try:
                for target in resolve(self.switch, destination.endpoint):
                    channels.append(self._call(target, {**self.common, **destination.variables}))
            except NoEndpoint as error:
                cause = error.cause
        if not channels:
            return Outcome(cause)
        winner = await self._wait(channels)
        if winner:
            for other in channels:
                if other is not winner:
                    other.hangup("LOSE_RACE")
            return Outcome("SUCCESS", winner, channels)
        return Outcome(self._cause(channels), None, channels)

    async def _wait(self, channels: list[Channel]) -> Channel | None:
        loop = self.switch.loop
        deadline = loop.now() + self.timeout_s
        while True:
            for channel in channels:
                if _ours(channel) and (
                    channel.answered or (channel.early and not is_true(self.ignore_early))
                ):
                    if channel.early and not channel.answered and self.parent:
                        pre_answer(self.parent)
                    return channel
            living = [channel for channel in channels if _ours(channel)]
            if not living:
                return None
            if (self.parent and not self.parent.ready) or (self.wanted and self.wanted.done):
                self.cancelled = True
                self._give_up(living, "ORIGINATOR_CANCEL")
                return None
            if loop.now() >= deadline:
                self._give_up(living, "NO_ANSWER")
                return None
            if self.parent and any(channel.ringing for channel in living):
                ring_ready(self.parent)
            await self._pause(living, deadline - loop.now())

    async def _pause(self, living: list[Channel], left_s: float) -> None:
        futures = [channel.answered_future for channel in living] + [channel.ended for channel in living]
        futures += [channel.progressed for channel in living if not channel.progressed.done]
        if self.wanted:
            futures.append(self.wanted)
        # The parent is looked at ten times a second: its state can change in many ways.
        await first(self.switch.loop, *futures, timeout_s=min(left_s, 0.1) if self.parent else left_s)

    @staticmethod
    def _give_up(channels: list[Channel], cause: str) -> None:
        for channel in channels:
            channel.hangup(cause)

    @staticmethod
    def _cause(channels: list[Channel]) -> str:
        """The last leg's cause, but a busy phone tells more than one that nobody answered. A leg that was
        bridged or transferred meanwhile (api_on_answer) is ORIGINATOR_CANCEL to its originate."""
        if any(channel.up and not _ours(channel) for channel in channels):
            return "ORIGINATOR_CANCEL"
        causes = [channel.cause for channel in channels if channel.cause]
        for telling in ("USER_BUSY", "CALL_REJECTED"):
            if telling in causes:
                return telling
        return causes[-1] if causes else "NORMAL_CLEARING"

    def _call(self, target: Target, variables: dict[str, str]) -> Channel:
        """Make the channel and send the INVITE. Raises NoEndpoint."""
        switch = self.switch
        uuid = variables.get("origination_uuid") or new_uuid()
        if not _UUID.fullmatch(uuid) or uuid in switch.channels or switch.full:
            log.error("no channel for uuid %.64s", uuid)
            raise NoEndpoint("DESTINATION_OUT_OF_ORDER")
        self.common.pop("origination_uuid", None)
        number = variables.get("origination_caller_id_number") or self.caller_number
        name = variables.get("origination_caller_id_name") or self.caller_name
        if self.parent and not number:
            number, name = self.parent.profile.caller_id_number, self.parent.profile.caller_id_name
        host, port = target.peer
        profile = Profile(
            "outbound", uuid, f"sofia/internal/{target.number}@{host}:{port}", target.number,
            caller_id_name=name or "", caller_id_number=number or "0000000000", ani=number or "",
            callee_id_name="Outbound Call", callee_id_number=target.number, context="default",
        )  # fmt: skip
        try:
            stream = Stream(switch.loop, switch.clock, switch.ports)
        except NoPort:
            raise NoEndpoint("SWITCH_CONGESTION") from None
        channel = Channel(switch, profile, stream)
        for name_, value in {**target.variables, **variables}.items():
            channel.set(name_, value)
        channel.set("originate_early_media", "true")
        channel.originating = True
        if self.parent:
            channel.other_profile = ("originator", self.parent.profile)
            channel.set("originator", self.parent.uuid)
            channel.set("signal_bond", self.parent.uuid)
        call = Call(
            target.uri, target.peer, target.caller_user or number or "0000000000", name or "",
            target.domain or switch.config.domain, target.user, target.password, _custom_headers(variables),
            _laws(variables.get("absolute_codec_string"), self.parent), switch.config.invite_answer_s,
            target.routes,
        )  # fmt: skip
        channel.leg = OutboundLeg(switch.stack, stream, channel, call)
        channel.set("sip_call_id", channel.leg.dialog.call_id if channel.leg.dialog else "")
        switch.add(channel)
        channel.set_state(State.CS_INIT)
        Task(switch.loop, machine.run(channel), channel.name)
        switch.loop.soon(channel.leg.start)
        return channel


def _ours(channel: Channel) -> bool:
    """Still in the hands of its originate?"""
    waiting = channel.state in (State.CS_INIT, State.CS_ROUTING, State.CS_CONSUME_MEDIA)
    return channel.up and waiting and not channel.redirecting and not channel.transferring


def _custom_headers(variables: dict[str, str]) -> dict[str, str]:
    """`sip_h_Name` becomes the header Name of the INVITE."""
    found = {name[6:]: value for name, value in variables.items() if name.startswith("sip_h_")}
    return {name: value for name, value in found.items() if re.fullmatch(r"[A-Za-z0-9-]{1,64}", name)}


def _laws(wanted: str | None, parent: Channel | None) -> tuple[Law, ...]:
    """The caller's law first: then nothing has to be converted."""
    known: tuple[Law, ...] = ("PCMU", "PCMA")
    if wanted:
        asked = [each.strip().upper().partition("@")[0] for each in wanted.split(",")]
        chosen = tuple(law for name in asked for law in known if law == name)
        return chosen or known
    if parent and parent.stream.rtp.law == "PCMA":
        return ("PCMA", "PCMU")
    return known


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() and len(text) < 7 else 0.0
