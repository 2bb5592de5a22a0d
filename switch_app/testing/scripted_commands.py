"""API commands of a ScriptedSwitch, with mod_commands.c's replies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scripted_switch import ScriptedSwitch

NO_CHANNEL = "-ERR No such channel!\n"


def status(switch: ScriptedSwitch, _: str) -> str:
    return "UP 0 years, 0 days\nscripted switch is ready\n"


def global_getvar(switch: ScriptedSwitch, name: str) -> str:
    return switch.core_uuid if name == "core_uuid" else ""


def show(switch: ScriptedSwitch, args: str) -> str:
    if "count" in args:
        return f"{len(switch.legs)} total.\n"
    rows = [
        {
            "uuid": leg.uuid,
            "callstate": "HELD" if leg.held else "ACTIVE" if leg.answered else "RINGING",
            "application": "playback" if leg.sound else "",
        }
        for leg in switch.legs.values()
    ]
    return json.dumps({"row_count": len(rows), **({"rows": rows} if rows else {})})


def hupall(switch: ScriptedSwitch, _: str) -> str:
    for leg in list(switch.legs.values()):
        leg.hang_up("MANAGER_REQUEST", by_phone=False)
    return "+OK hangup all channels with cause MANAGER_REQUEST\n"


def hash_text(switch: ScriptedSwitch, args: str) -> str:
    """`delete` and `select`: the dialplan alone writes."""
    deed, _, key = args.split("/")
    if deed == "select":
        return switch.hashed.get(key, "")
    return "+OK\n" if deed == "delete" and switch.hashed.pop(key, None) else "-ERR Not found\n"


def hash_dump(switch: ScriptedSwitch, args: str) -> str:
    realm = args.removeprefix("db ")
    return "".join(f"D/{realm}_{key}/{text}\n" for key, text in switch.hashed.items())


def uuid_exists(switch: ScriptedSwitch, leg: str) -> str:
    return "true" if leg in switch.legs else "false"


def uuid_kill(switch: ScriptedSwitch, args: str) -> str:
    name, _, cause = args.partition(" ")
    leg = switch.legs.get(name)
    if leg is None:
        return NO_CHANNEL
    leg.hang_up(cause or "NORMAL_CLEARING", by_phone=False)
    return "+OK\n"


def uuid_break(switch: ScriptedSwitch, name: str) -> str:
    leg = switch.legs.get(name)
    if leg is None:
        return NO_CHANNEL
    leg.break_off()
    return "+OK\n"


def uuid_setvar(switch: ScriptedSwitch, args: str) -> str:
    name, variable, value = (*args.split(" ", 2), "", "")[:3]
    return _set(switch, name, [(variable, value)])


def uuid_setvar_multi(switch: ScriptedSwitch, args: str) -> str:
    name, _, pairs = args.partition(" ")
    return _set(switch, name, [(pair.partition("=")[0], pair.partition("=")[2]) for pair in pairs.split(";")])


def _set(switch: ScriptedSwitch, name: str, pairs: list[tuple[str, str]]) -> str:
    if name not in switch.legs:
        return NO_CHANNEL
    switch.legs[name].variables.update(pairs)
    return "+OK\n"


def uuid_getvar(switch: ScriptedSwitch, args: str) -> str:
    name, _, variable = args.partition(" ")
    leg = switch.legs.get(name)
    if leg is None:
        return NO_CHANNEL
    if variable == "bridge_uuid" and leg.partner is not None:
        return leg.partner.uuid
    return leg.variables.get(variable, "_undef_")


def uuid_bridge(switch: ScriptedSwitch, args: str) -> str:
    first, other = (switch.legs.get(name) for name in args.split())
    if first is None or other is None:
        return "-ERR Invalid uuid\n"
    first.join(other)
    return f"+OK {other.uuid}\n"


def uuid_transfer(switch: ScriptedSwitch, args: str) -> str:
    leg = switch.legs.get(args.split()[0])
    if leg is None:
        return NO_CHANNEL
    leg.recover()
    return "+OK\n"


def uuid_record(switch: ScriptedSwitch, args: str) -> str:
    name, action, path, *more = args.split(" ")
    leg = switch.legs.get(name)
    if leg is None:
        return "-ERR Cannot locate session!\n"
    if action == "start":
        limit_s = float(more[0]) if more and more[0].isdecimal() else 0.0
        done = leg.record(path, limit_s, " ".join(more))
        return "+OK Success\n" if done else "-ERR Cannot record session!\n"
    if path not in leg.recordings:
        return "-ERR Cannot stop record session!\n"
    leg.recordings[path].stop()
    return "+OK Success\n"


COMMANDS: dict[str, Callable[[ScriptedSwitch, str], str]] = {
    "status": status,
    "global_getvar": global_getvar,
    "show": show,
    "hupall": hupall,
    "hash": hash_text,
    "hash_dump": hash_dump,
    "uuid_exists": uuid_exists,
    "uuid_kill": uuid_kill,
    "uuid_break": uuid_break,
    "uuid_setvar": uuid_setvar,
    "uuid_setvar_multi": uuid_setvar_multi,
    "uuid_getvar": uuid_getvar,
    "uuid_bridge": uuid_bridge,
    "uuid_transfer": uuid_transfer,
    "uuid_record": uuid_record,
}
