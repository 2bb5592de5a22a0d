"""Applications that play, collect digits and record."""

from __future__ import annotations

import logging
import re

from ..call.channel import Channel
from ..call.dialstring import separate
from ..call.parking import stay
from ..call.playing import BROKEN, NOT_FOUND, PLAYED, play, terminators
from ..call.recording import start_recording, stop_recording
from ..call.recording_app import record_message
from ..call.transfer import transfer

log = logging.getLogger("softswitch.applications")
RESPONSE = "current_application_response"


async def playback(channel: Channel, argument: str) -> None:
    """Play a file, several (`file_string://a!b`), a tone or silence. Application-Response: FILE PLAYED,
    FILE NOT FOUND or PLAYBACK ERROR."""
    channel.set("playback_terminator_used", None)
    outcome = await play(channel, argument.partition("@@")[0], terminators(channel))
    channel.set(RESPONSE, PLAYED if outcome == BROKEN else outcome)


async def endless_playback(channel: Channel, argument: str) -> None:
    """Play again and again until the channel is taken elsewhere; uuid_break only starts it anew."""
    outcome = PLAYED
    while channel.ready:
        outcome = await play(channel, argument)
        if outcome == NOT_FOUND:
            break
    channel.set(RESPONSE, PLAYED if outcome == BROKEN else outcome)


async def loop_playback(channel: Channel, argument: str) -> None:
    """`[+times] file`."""
    words = argument.split(" ", 1)
    times = 1
    if len(words) == 2 and words[0].startswith("+") and words[0][1:].isdecimal():
        times, argument = int(words[0][1:6]), words[1]
    outcome = PLAYED
    while times and channel.ready:
        times -= 1
        outcome = await play(channel, argument, terminators(channel))
        if outcome != PLAYED:
            break
    channel.set(RESPONSE, PLAYED if outcome == BROKEN else outcome)


async def play_and_get_digits(channel: Channel, argument: str) -> None:
    """`min max tries timeout stop_digits file invalid_file var regex [digit_timeout [on_failure]]`."""
    words = separate(argument)
    if len(words) < 9 or not all(word.isdecimal() and len(word) < 7 for word in words[:4]):
        log.error("%s: play_and_get_digits: bad arguments", channel.name)
        return
    low, high, tries, timeout_ms = (int(word) for word in words[:4])
    stop, prompt, invalid, variable = words[4:8]
    try:
        valid = re.compile(words[8] or ".*")
    except re.error:
        log.error("%s: play_and_get_digits: bad pattern", channel.name)
        return
    digit_ms = int(words[9]) if len(words) > 9 and words[9].isdecimal() else timeout_ms
    stop = "" if stop.lower() == "none" else stop
    channel.set(variable, None)
    for _ in range(max(1, min(tries, 128))):
        digits = await _collect(channel, prompt, low, min(high, 128), stop, timeout_ms, digit_ms)
        if not channel.ready:
            return
        if len(digits) >= low and valid.fullmatch(digits):
            channel.set(variable, digits)
            return
        channel.set(f"{variable}_invalid", digits)
        if invalid and invalid != "silence":
            await play(channel, invalid)
    failure = words[10] if len(words) > 10 else ""
    if failure and channel.ready:
        transfer(channel, *failure.split()[:3])


async def _collect(
    channel: Channel, prompt: str, low: int, high: int, stop: str, timeout_ms: int, digit_ms: int
) -> str:
    digits = ""
    if prompt and not channel.digit_queue:
        await play(channel, prompt, "0123456789*#ABCD")
        used = channel.variables.get("playback_terminator_used", "")
        channel.set("playback_terminator_used", None)
        if used:
            channel.digit_queue.appendleft(used)
    while channel.ready and len(digits) < high:
        patience = digit_ms if digits else timeout_ms
        if await stay(channel, timeout_s=patience / 1000, digits=True) != "digit":
            break
        digit = channel.digit_queue.popleft()
        if digit in stop:
            channel.set("read_terminator_used", digit)
            break
        digits += digit
    return digits


async def record(channel: Channel, argument: str) -> None:
    """`path [limit_s [silence_threshold [silence_s]]]`: what the phone says, to a playback terminator."""
    words = separate(argument)
    if not words:
        log.error("%s: record: no path", channel.name)
        return
    numbers = [int(word) if word.isdecimal() and len(word) < 7 else 0 for word in words[1:4]]
    limit, threshold, hits = [*numbers, 0, 0, 0][:3]
    await record_message(channel, words[0], limit, threshold, hits)


async def record_session(channel: Channel, argument: str) -> None:
    """Record both directions while the call goes on: `path [+limit_s]`."""
    words = separate(argument)
    limit = words[1].lstrip("+") if len(words) > 1 else ""
    if words:
        start_recording(channel, words[0], float(limit) if limit.isdecimal() and len(limit) < 7 else 0.0)


async def stop_record_session(channel: Channel, argument: str) -> None:
    stop_recording(channel, argument.strip())


async def send_dtmf(channel: Channel, argument: str) -> None:
    """`digits[@milliseconds]`."""
    digits, _, length = argument.strip().partition("@")
    samples = int(length) * 8 if length.isdecimal() and len(length) < 6 else 1600
    for digit in digits[:64].upper():
        channel.stream.send_digit(digit, samples)


async def echo(channel: Channel, _: str) -> None:
    """Give back what is heard."""
    stream = channel.stream
    stream.peer = stream
    try:
        while (await stay(channel, breakable=True)) == "break":
            continue
    finally:
        if stream.peer is stream:
            stream.peer = None
