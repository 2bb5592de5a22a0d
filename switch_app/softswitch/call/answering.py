"""Ring, early media and answer of a channel, and what is done at that moment."""

from __future__ import annotations

import logging

from ..dialplan.expand import expand
from .channel import Channel, Message
from .profile import micros
from .variables import set_media

log = logging.getLogger("softswitch.channel")


def ring_ready(channel: Channel) -> None:
    """180 to a caller who has heard nothing yet."""
    if channel.direction == "inbound" and channel.leg and not channel.answered and not channel.ringing:
        channel.ringing = True
        channel.leg.ring()  # type: ignore[union-attr]
        channel.profile.times.progress = micros()
        channel.fire("CHANNEL_PROGRESS")
        channel.set_call_state("RINGING")


def pre_answer(channel: Channel) -> bool:
    """183 with SDP: audio before the answer. True if the channel has audio now."""
    if channel.answered or channel.early:
        return True
    if channel.direction != "inbound" or not channel.leg or not channel.up:
        return False
    if not channel.leg.early_media():  # type: ignore[union-attr]
        answer(channel)  # no offer: there is audio only after 200
        return channel.answered
    channel.early = True
    channel.profile.times.progress_media = micros()
    set_media(channel)
    channel.fire("CHANNEL_PROGRESS_MEDIA")
    channel.set_call_state("EARLY")
    return True


def answer(channel: Channel) -> bool:
    """200 to an inbound call; no effect on one that is answered. False if that is not possible."""
    if channel.answered:
        return True
    if channel.direction != "inbound" or not channel.leg or not channel.up:
        return False
    channel.leg.answer()  # type: ignore[union-attr]
    mark_answered(channel)
    return channel.answered


def mark_answered(channel: Channel) -> None:
    """The call is answered, by us or by the phone: tell, and do what `..._on_answer` asks for."""
    if channel.answered or not channel.up:
        return
    channel.answered = True
    channel.stream.rtp.wait_anew()
    channel.profile.times.answered = micros()
    channel.set("endpoint_disposition", "ANSWER")
    set_media(channel)
    channel.fire("CHANNEL_ANSWER")
    channel.set_call_state("ACTIVE")
    command = channel.get("api_on_answer")
    if command:
        name, _, args = command.strip().strip("'").partition(" ")
        channel.switch.loop.soon(channel.switch.run_api, name, expand(args, channel.get))
    application = channel.get("execute_on_answer")
    if application:
        name, _, argument = application.replace("::", " ", 1).partition(" ")
        channel.send(Message("execute", name, argument))
    channel.answered_future.set(True)
    channel.poke()
