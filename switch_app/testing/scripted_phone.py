"""Phones of a ScriptedSwitch, and the originate that makes them ring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gevent
from gevent.event import AsyncResult

from .scripted_leg import Leg

if TYPE_CHECKING:
    from .scripted_switch import ScriptedSwitch

CAUSE_OF_CODE = {  # sofia_glue.c, sofia_glue_sip_cause_to_freeswitch
    403: "CALL_REJECTED", 404: "UNALLOCATED_NUMBER", 408: "RECOVERY_ON_TIMER_EXPIRE",
    480: "NO_USER_RESPONSE", 486: "USER_BUSY",
    488: "INCOMPATIBLE_DESTINATION", 500: "NORMAL_TEMPORARY_FAILURE", 503: "NORMAL_TEMPORARY_FAILURE",
    600: "USER_BUSY", 603: "CALL_REJECTED",
}  # fmt: skip


@dataclass
class ScriptedPhone:
    """What a registered phone does with a call. `happens(event, **details)` tells who plays it."""

    answer_after_s: float | None = None
    reject_with: int = 0
    registered: bool = True
    reachable: bool = True
    silent: bool = False  # there is no answer to anything
    happens: Callable[..., object] = lambda event, **details: None  # noqa: E731
    leg: Leg | None = None
    decide: Callable[[int], object] | None = None  # 200 answers, another code refuses; while it rings


def originate(switch: ScriptedSwitch, args: str) -> str:
    """`{a=b,c='d e'}user/NUMBER@DOMAIN &park()`: until the answer, the refusal or the end of the time."""
    values, rest = variables_of(args)
    number = rest.split()[0].rpartition("/")[2].partition("@")[0]
    phone = switch.phones.get(number)
    if phone is None:
        return "-ERR SUBSCRIBER_ABSENT\n"
    if not phone.registered:
        return "-ERR USER_NOT_REGISTERED\n"
    leg = Leg(switch, values.pop("origination_uuid"), values, caller=False)
    if leg.uuid in switch.legs:
        return "-ERR DESTINATION_OUT_OF_ORDER\n"
    switch.legs[leg.uuid] = leg
    return _ring(leg, phone, float(values.get("originate_timeout", "60")))


def variables_of(args: str) -> tuple[dict[str, str], str]:
    """`{a=b,c='d e'}` in front of a dial string, and the rest."""
    given, _, rest = args.removeprefix("{").partition("}")
    pairs = (pair.partition("=") for pair in given.split(","))
    return {name: value.strip("'") for name, _, value in pairs}, rest


def _ring(leg: Leg, phone: ScriptedPhone, timeout_s: float) -> str:
    """The result of the originate: a code from the phone, its silence, or an end from elsewhere."""
    decided: AsyncResult[int] = AsyncResult()
    leg.happens = lambda event: decided.set(0)
    if not phone.silent and phone.reachable:
        leg.variables["sip_reply_host"] = "scripted"
    if not phone.reachable:
        decided.set(503)
    elif phone.silent:
        pass
    elif phone.reject_with:
        phone.happens("refused", code=phone.reject_with)
        decided.set(phone.reject_with)
    else:
        phone.leg, phone.decide = leg, decided.set
        phone.happens("incoming", **_display(leg))
        if phone.answer_after_s is not None:
            gevent.spawn_later(phone.answer_after_s, decided.set, 200)
    code = decided.wait(timeout_s)
    phone.decide, leg.happens = None, phone.happens
    if not leg.up:
        phone.happens("disconnected")
        return f"-ERR {leg.variables['hangup_cause']}\n"
    if code == 200:
        leg.answered = True
        phone.happens("confirmed")
        return f"+OK {leg.uuid}\n"
    cause = CAUSE_OF_CODE.get(code, "NORMAL_UNSPECIFIED") if code else "NO_ANSWER"
    leg.variables["sip_term_status"] = str(code)
    leg.hang_up(cause, by_phone=bool(code))
    return f"-ERR {cause}\n"


def _display(leg: Leg) -> dict[str, str]:
    """What a phone shows of a call."""
    number = leg.variables.get("origination_caller_id_number", "0000000000")
    name = leg.variables.get("origination_caller_id_name", "")
    return {
        "from": f'"{name}" <sip:{number}@scripted>',
        "message": f'INVITE\r\nFrom: "{name}" <sip:{number}@scripted>\r\n\r\n',
    }
