"""All applications by name. One that is not here ends the call, as an unknown one does in FreeSWITCH."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..call.channel import Channel
from . import audio, basics, joining


@dataclass(frozen=True)
class Application:
    """needs_media: the channel is given early media first if it has no audio yet."""

    run: Callable[[Channel, str], Awaitable[None]]
    needs_media: bool = False


APPLICATIONS: dict[str, Application] = {
    "answer": Application(basics.answer),
    "pre_answer": Application(basics.pre_answer),
    "ring_ready": Application(basics.ring_ready),
    "set": Application(basics.set_variable),
    "multiset": Application(basics.multiset),
    "unset": Application(basics.unset),
    "export": Application(basics.export),
    "respond": Application(basics.respond),
    "hangup": Application(basics.hangup),
    "transfer": Application(basics.transfer_app),
    "park": Application(basics.park),
    "sleep": Application(basics.sleep),
    "hash": Application(basics.hash_text),
    "log": Application(basics.log_message),
    "info": Application(basics.info),
    "flush_dtmf": Application(basics.flush_dtmf),
    "socket": Application(basics.socket),
    "bridge": Application(joining.bridge),
    "playback": Application(audio.playback, needs_media=True),
    "endless_playback": Application(audio.endless_playback, needs_media=True),
    "loop_playback": Application(audio.loop_playback, needs_media=True),
    "play_and_get_digits": Application(audio.play_and_get_digits, needs_media=True),
    "record": Application(audio.record, needs_media=True),
    "record_session": Application(audio.record_session, needs_media=True),
    "stop_record_session": Application(audio.stop_record_session, needs_media=True),
    "send_dtmf": Application(audio.send_dtmf, needs_media=True),
    "echo": Application(audio.echo, needs_media=True),
}
