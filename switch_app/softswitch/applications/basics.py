"""Applications that steer a call: answer, set, hangup, transfer, park, sleep ..."""

from __future__ import annotations

import logging

from .. import hashed
from ..call import answering, parking
from ..call.channel import Channel
from ..call.dialstring import separate
from ..call.execute import run_all_private
from ..call.states import State
from ..call.transfer import transfer
from ..control.outbound import connect
from ..sip.causes import from_sip, parse_cause
from ..sip.inbound import InboundLeg

log = logging.getLogger("softswitch.applications")


async def answer(channel: Channel, _: str) -> None:
    """Answer the call."""
    answering.answer(channel)


async def pre_answer(channel: Channel, _: str) -> None:
    """Audio without answering (183)."""
    answering.pre_answer(channel)


async def ring_ready(channel: Channel, _: str) -> None:
    """180 Ringing."""
    answering.ring_ready(channel)


async def set_variable(channel: Channel, argument: str) -> None:
    """`name=value`; an empty value or `_undef_` takes the variable away."""
    _set(channel, argument)


async def multiset(channel: Channel, argument: str) -> None:
    """Several `name=value` with blanks between, or `^^:a=1:b=2` with another separator."""
    separator = " "
    if argument.startswith("^^") and len(argument) > 2:
        separator, argument = argument[2], argument[3:]
    for each in separate(argument, separator):
        _set(channel, each)


async def unset(channel: Channel, argument: str) -> None:
    channel.set(argument.strip(), None)


async def export(channel: Channel, argument: str) -> None:
    """Set here, and on legs that `bridge` makes; `nolocal:name=value` only there."""
    local = not argument.startswith("nolocal:")
    pair = argument.removeprefix("nolocal:")
    name = pair.partition("=")[0].strip()
    if local:
        _set(channel, pair)
    else:
        channel.set(f"nolocal:{name}", pair.partition("=")[2])
    known = channel.variables.get("export_vars", "")
    exported = name if local else f"nolocal:{name}"
    channel.set("export_vars", f"{known},{exported}" if known else exported)


async def hangup(channel: Channel, argument: str) -> None:
    """End the call with a cause by name or number."""
    channel.hangup(parse_cause(argument) if argument.strip() else "NORMAL_CLEARING")


async def respond(channel: Channel, argument: str) -> None:
    """`code [phrase]`: refuse an unanswered call with this SIP answer."""
    code, _, phrase = argument.strip().partition(" ")
    if not code.isdecimal() or not 300 <= int(code) <= 699:
        log.error("%s: cannot respond %s", channel.name, argument[:40])
        return
    if channel.direction != "inbound":  # a REFER led a leg of ours to where strangers are asked who they are
        log.info("%s: nobody to respond %s to", channel.name, argument[:40])
        return
    if isinstance(channel.leg, InboundLeg) and not channel.answered:
        channel.leg.respond(int(code), phrase)
    channel.hangup(from_sip(int(code)))


async def transfer_app(channel: Channel, argument: str) -> None:
    """`[-bleg|-both] extension [dialplan [context]]`."""
    words = separate(argument)
    legs = words.pop(0) if words and words[0].startswith("-") else ""
    if not words:
        log.error("%s: no extension specified", channel.name)
        return
    partner = channel.partner if channel.bridged else None
    if legs in ("-bleg", "-both") and partner:
        transfer(partner, *words[:3])
    if legs != "-bleg":
        transfer(channel, *words[:3])


async def park(channel: Channel, _: str) -> None:
    await parking.park(channel)


async def sleep(channel: Channel, argument: str) -> None:
    """Milliseconds; with sleep_eat_digits=true digits are thrown away meanwhile."""
    number = argument.strip()
    if not number.isdecimal() or len(number) > 9:
        log.error("%s: No timeout specified.", channel.name)
        return
    await parking.sleep(channel, float(number))
    if channel.true("sleep_eat_digits"):
        channel.digit_queue.clear()


async def hash_text(channel: Channel, argument: str) -> None:
    """`insert|delete/REALM/KEY[/VALUE]`: what outlives this call (mod_hash.c)."""
    if hashed.carry_out(channel.switch.hashed, argument) is None:
        log.error("%s: USAGE: hash %s", channel.name, hashed.SYNTAX)


async def log_message(channel: Channel, argument: str) -> None:
    """`[level] text` to our own log."""
    level, _, text = argument.partition(" ")
    known = {"DEBUG": 10, "INFO": 20, "NOTICE": 20, "WARNING": 30, "ERR": 40, "ERROR": 40, "CRIT": 50}
    number = known.get(level.upper())
    log.log(number or 20, "%s %s", channel.uuid, text if number else argument)


async def info(channel: Channel, _: str) -> None:
    log.info("%s: state %s, %d variables", channel.name, channel.state.name, len(channel.variables))


async def flush_dtmf(channel: Channel, _: str) -> None:
    channel.digit_queue.clear()


async def socket(channel: Channel, argument: str) -> None:
    """`HOST:PORT[|HOST:PORT...] [async] [full]`: hand the call to an application over outbound ESL.

    After it the dialplan goes on if `socket_resume` is true (mod_event_socket.c, socket_function).
    """
    words = separate(argument)
    if not words:
        log.error("%s: Parse Error!", channel.name)
        return
    listener = await connect(channel, words[0].split("|"), "full" in map(str.lower, words[1:]))
    if listener is None:
        return
    await parking.park(channel)
    await run_all_private(channel)  # what the application sent before its end must not run in what follows
    interrupted = channel.transferring or channel.redirecting or channel.state == State.CS_HIBERNATE
    if channel.up and not interrupted and (listener.resume or channel.true("socket_resume")):
        channel.set_state(State.CS_EXECUTE)


def _set(channel: Channel, pair: str) -> None:
    name, equals, value = pair.partition("=")
    if not name.strip():
        log.error("%s: No variable name specified.", channel.name)
        return
    channel.set(name.strip(), None if not equals or value == "_undef_" else value.strip())
