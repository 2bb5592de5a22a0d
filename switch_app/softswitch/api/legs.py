"""uuid_... commands: everything that acts on one channel or two. Replies are mod_commands.c's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...esl.text import url_decode, url_encode
from ..call import recording
from ..call.answering import answer
from ..call.bridge import uuid_bridge as join
from ..call.channel import Channel, Message
from ..call.dialstring import separate
from ..call.headers import channel_headers
from ..call.states import State
from ..call.transfer import transfer
from ..control.events import stamp
from ..sip.causes import parse_cause

if TYPE_CHECKING:
    from ..switch import Switch

NO_CHANNEL = "-ERR No such channel!\n"


def usage(syntax: str) -> str:
    return f"-USAGE: {syntax}\n"


def uuid_kill(switch: Switch, args: str) -> str:
    if not args:
        return usage("<uuid> [cause]")
    uuid, _, cause = args.partition(" ")
    channel = switch.channels.get(uuid)
    if channel is None:
        return NO_CHANNEL
    channel.hangup(parse_cause(cause) if cause.strip() else "NORMAL_CLEARING")
    return "+OK\n"


def uuid_exists(switch: Switch, args: str) -> str:
    return "true" if args in switch.channels else "false"


def uuid_answer(switch: Switch, args: str) -> str:
    channel = switch.channels.get(args)
    return "+OK\n" if channel and answer(channel) else "-ERROR\n"


def uuid_bridge(switch: Switch, args: str) -> str:
    words = separate(args)
    if len(words) < 2:
        return usage("<uuid> <other_uuid>")
    first = switch.channels.get(words[0])
    for name in words[1:3]:
        second = switch.channels.get(name)
        if first and second and join(first, second):
            return f"+OK {name}\n"
    return "-ERR Invalid uuid\n"


def uuid_setvar(switch: Switch, args: str) -> str:
    words = separate(args, limit=3)
    if len(words) < 2:
        return usage("<uuid> <var> [value]")
    channel = switch.channels.get(words[0])
    if channel is None:
        return NO_CHANNEL
    channel.set(words[1], words[2] if len(words) > 2 else None)
    return "+OK\n"


def uuid_setvar_multi(switch: Switch, args: str) -> str:
    uuid, blank, pairs = args.partition(" ")
    syntax = usage("<uuid> <var>=<value>;<var>=<value>...")
    if not blank:
        return syntax
    channel = switch.channels.get(uuid)
    if channel is None:
        return NO_CHANNEL + syntax
    done = False
    for pair in separate(pairs, ";"):
        name, _, value = pair.partition("=")
        if name:
            channel.set(name, value)
            done = True
    return "+OK\n" if done else syntax


def uuid_getvar(switch: Switch, args: str) -> str:
    words = separate(args)
    if len(words) < 2:
        return usage("<uuid> <var>")
    channel = switch.channels.get(words[0])
    if channel is None:
        return NO_CHANNEL
    value = channel.get(words[1])
    return "_undef_" if value is None else value


def uuid_dump(switch: Switch, args: str) -> str:
    words = separate(args)
    if not words:
        return usage("<uuid> [format]")
    channel = switch.channels.get(words[0])
    if channel is None:
        return NO_CHANNEL
    headers = {**stamp("CHANNEL_DATA"), **channel_headers(channel)}
    kind = words[1] if len(words) > 1 else "txt"
    if kind == "json":
        return json.dumps(headers, ensure_ascii=False)
    # Only "plain" is left unencoded; every other name is the encoded form (switch_event_serialize).
    lines = (
        f"{n}: {v.replace(chr(10), ' ') if kind == 'plain' else url_encode(v).decode()}"
        for n, v in headers.items()
    )
    return "\n".join(lines) + "\n\n"


def uuid_transfer(switch: Switch, args: str) -> str:
    words = separate(args)
    if not 2 <= len(words) <= 5:
        return usage("<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]")
    channel = switch.channels.get(words.pop(0))
    if channel is None:
        return NO_CHANNEL
    legs = words.pop(0) if words[0].startswith("-") else ""
    if not words:
        return usage("<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]")
    partner = channel.partner if channel.bridged else None
    if legs == "-bleg" and partner:
        channel, partner = partner, None
    if legs == "-both" and partner:
        partner.redirecting = channel.redirecting = True
        transfer(partner, *words[:3])
    return "+OK\n" if transfer(channel, *words[:3]) else "-ERR\n"


def uuid_broadcast(switch: Switch, args: str) -> str:
    """`uuid path|app::args|app!cause::args [aleg|bleg|both]`."""
    words = separate(args)
    if len(words) < 2:
        return usage("<uuid> <path> [aleg|bleg|holdb|both]")
    channel = switch.channels.get(words[0])
    if channel is None:
        return "-ERR invalid uuid\n"
    name, colons, argument = words[1].partition("::")
    message = Message("execute", name, argument) if colons else Message("execute", "playback", words[1])
    legs = words[2].lower() if len(words) > 2 else "aleg"
    targets: list[Channel] = []
    if "aleg" in legs or "both" in legs:
        targets.append(channel)
    if ("bleg" in legs or "both" in legs) and channel.bridged and channel.partner:
        targets.append(channel.partner)
    for target in targets:
        target.send(message)
    return "+OK Message sent\n"


def uuid_break(switch: Switch, args: str) -> str:
    if not args:
        return usage("<uuid> [all]")
    uuid, _, flags = args.partition(" ")
    channel = switch.channels.get(uuid)
    if channel is None:
        return NO_CHANNEL
    targets = [channel]
    if "both" in flags and channel.bridged and channel.partner:
        targets.append(channel.partner)
    for target in targets:
        if "all" in flags:
            target.private.clear()
        if target.broadcast:
            target.stop_broadcast = True
        target.break_playback()
    return "+OK\n"


def uuid_record(switch: Switch, args: str) -> str:
    words = separate(args)
    syntax = usage("<uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]")
    if len(words) < 3:
        return syntax
    uuid, action, path = words[:3]
    channel = switch.channels.get(uuid)
    if channel is None:
        return "-ERR Cannot locate session!\n"
    limit = float(words[3]) if len(words) > 3 and words[3].isdecimal() and len(words[3]) < 7 else 0.0
    act = {
        "start": lambda: recording.start_recording(channel, path, limit, _brackets(words[4:5])),
        "stop": lambda: recording.stop_recording(channel, path),
        "mask": lambda: recording.mask_recording(channel, path, True),
        "unmask": lambda: recording.mask_recording(channel, path, False),
        "pause": lambda: recording.pause_recording(channel, path, True),
        "resume": lambda: recording.pause_recording(channel, path, False),
    }.get(action.lower())
    if act is None:
        return syntax
    if act():
        return "+OK Success\n"
    what = {
        "start": "",
        "stop": "stop ",
        "mask": "mask ",
        "unmask": "unmask ",
        "pause": "pause ",
        "resume": "resume ",
    }
    noun = "record session" if action.lower() in ("start", "stop") else "recording session"
    verb = "" if action.lower() == "start" else what[action.lower()]
    return f"-ERR Cannot {verb}{noun}!\n"


def _brackets(words: list[str]) -> dict[str, str]:
    """`{a=b,c=d}`, URL-encoded or not (switch_event_create_brackets)."""
    inner = url_decode(words[0].encode()).strip("{}") if words else ""
    pairs = (pair.partition("=") for pair in inner.split(",") if "=" in pair)
    return {name.strip(): value.strip() for name, _, value in pairs}


def uuid_send_dtmf(switch: Switch, args: str) -> str:
    words = separate(args)
    if len(words) < 2:
        return usage("<uuid> <dtmf_data>")
    channel = switch.channels.get(words[0])
    if channel is None:
        return NO_CHANNEL
    digits, _, length = words[1].partition("@")
    for digit in digits[:64].upper():
        channel.stream.send_digit(digit, int(length) * 8 if length.isdecimal() and len(length) < 6 else 1600)
    return "+OK\n"


def uuid_park(switch: Switch, args: str) -> str:
    channel = switch.channels.get(args)
    if channel is None or not channel.up:
        return NO_CHANNEL
    channel.transferring = True
    channel.set_state(State.CS_PARK)
    return "+OK\n"


def uuid_flush_dtmf(switch: Switch, args: str) -> str:
    channel = switch.channels.get(args)
    if channel is None:
        return NO_CHANNEL
    channel.digit_queue.clear()
    return "+OK\n"
