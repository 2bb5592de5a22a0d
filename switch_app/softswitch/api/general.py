"""Commands about the switch as a whole: originate, show, status, reloadxml, sofia_contact ..."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from .. import hashed
from ..call.channel import Channel, new_uuid
from ..call.dialstring import separate
from ..call.originate import originate as call
from ..call.states import State
from ..call.transfer import transfer
from ..control.events import HOSTNAME
from ..dialplan.routes import Action
from ..sip.causes import parse_cause
from .legs import usage

if TYPE_CHECKING:
    from ..switch import Switch

VERSION = "1.11.0-hotline"


async def originate(switch: Switch, args: str) -> str:
    """`<dial string> &app(arg)|<exten> [dialplan] [context] [cid_name] [cid_num] [timeout_s]`."""
    words = separate(args)
    if not 2 <= len(words) <= 7:
        return usage(
            "<call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>]"
            " [<cid_num>] [<timeout_sec>]"
        )
    words = ["" if word.lower() == "undef" else word for word in words] + [""] * (7 - len(words))
    dial, extension, dialplan, context, name, number, timeout = words
    seconds = float(timeout) if timeout.isdecimal() and len(timeout) < 7 else 60.0
    outcome = await call(switch, dial, seconds, name, number)
    channel = outcome.channel
    if channel is None:
        return f"-ERR {outcome.cause}\n"
    _send_to(channel, extension, dialplan or "XML", context or "default")
    return f"+OK {channel.uuid}\n"


def _send_to(channel: Channel, extension: str, dialplan: str, context: str) -> None:
    channel.originating = False
    if not extension.startswith("&"):
        transfer(channel, extension, dialplan, context)
        return
    name, _, argument = extension[1:].partition("(")
    channel.extension.clear()
    channel.extension.append(Action(name, argument.partition(")")[0]))
    channel.set_state(State.CS_EXECUTE)


def show(switch: Switch, args: str) -> str:
    """`channels|calls|registrations [count] [as json]`."""
    words = args.split()
    if not words:
        return usage("channels|calls|registrations [count] [as json]")
    rows_of = {"channels": _channels, "calls": _calls, "registrations": _registrations}.get(words[0])
    if rows_of is None:
        return f"-USAGE: show {words[0][:40]}: not available\n"
    rows = rows_of(switch)
    kind = words[words.index("as") + 1] if "as" in words[:-1] else ""
    if kind == "json":
        if "count" in words:
            return json.dumps({"row_count": len(rows)})
        if not rows:
            return '{"row_count": 0}\n'
        return json.dumps({"row_count": len(rows), "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    if kind:
        return f"-ERR Cannot find format {kind[:40]}\n"
    if "count" in words:
        return f"\n{len(rows)} total.\n"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)] if rows else []
    return "".join(line + "\n" for line in lines) + f"\n{len(rows)} total.\n"


def _row(channel: Channel) -> dict[str, str]:
    profile = channel.profile
    codec = channel.stream.rtp.law if channel.answered or channel.early else ""
    media: dict[str, str] = {}
    for side in ("read", "write"):
        media |= {
            f"{side}_codec": codec,
            f"{side}_rate": "8000" if codec else "",
            f"{side}_bit_rate": "64000" if codec else "",
        }
    created = profile.times.created / 1e6
    return {
        "uuid": channel.uuid,
        "direction": channel.direction,
        "created": datetime.fromtimestamp(created).strftime("%Y-%m-%d %H:%M:%S"),  # noqa: DTZ006 (as FreeSWITCH)
        "created_epoch": str(int(created)),
        "name": channel.name,
        "state": channel.running.name,
        "cid_name": profile.caller_id_name,
        "cid_num": profile.caller_id_number,
        "ip_addr": profile.network_addr,
        "dest": profile.destination_number,
        "application": channel.application[0],
        "application_data": channel.application[1],
        "dialplan": profile.dialplan,
        "context": profile.context,
        **media,
        "secure": "",
        "hostname": HOSTNAME,
        "presence_id": channel.variables.get("presence_id", ""),
        "presence_data": "",
        "accountcode": channel.variables.get("accountcode", ""),
        "callstate": channel.call_state,
        "callee_name": profile.callee_id_name,
        "callee_num": profile.callee_id_number,
        "callee_direction": "",
        "call_uuid": channel.variables.get("call_uuid", channel.uuid),
        "sent_callee_name": "",
        "sent_callee_num": "",
        "initial_cid_name": profile.caller_id_name,
        "initial_cid_num": profile.caller_id_number,
        "initial_ip_addr": profile.network_addr,
        "initial_dest": channel.first_destination,
        "initial_dialplan": profile.dialplan,
        "initial_context": profile.context,
    }


def _channels(switch: Switch) -> list[dict[str, str]]:
    return [_row(channel) for channel in switch.channels.values() if channel.up]


def _calls(switch: Switch) -> list[dict[str, str]]:
    """One row per bridge or single channel, the second leg as b_..."""
    rows = []
    for channel in switch.channels.values():
        if not channel.up or (channel.bridged and not channel.bridge_originator):
            continue
        other = (
            _row(channel.partner) if channel.bridged and channel.partner else dict.fromkeys(_row(channel), "")
        )
        rows.append({**_row(channel), **{f"b_{name}": value for name, value in other.items()}})
    return rows


def _registrations(switch: Switch) -> list[dict[str, str]]:
    return [
        {
            "reg_user": each.user,
            "realm": switch.config.domain,
            "token": each.call_id,
            "url": f"sofia/internal/{contact_uri(each.contact, each.source)}",
            "expires": str(int(each.expires_at)),
            "network_ip": each.source[0],
            "network_port": str(each.source[1]),
            "network_proto": "udp",
            "hostname": HOSTNAME,
            "metadata": "",
        }
        for each in switch.registrar.all()
    ]


def contact_uri(contact: str, source: tuple[str, int]) -> str:
    """The contact, with the place to send to where that is another one (behind NAT)."""
    host_port = f"{source[0]}:{source[1]}"
    if f"@{host_port}" in contact or contact == f"sip:{host_port}":
        return contact
    return f"{contact};fs_nat=yes;fs_path={quote(f'sip:{host_port}', safe='')}"


def sofia_contact(switch: Switch, args: str) -> str:
    user = args.strip().rpartition("/")[2].partition("@")[0]
    found = [
        f"sofia/internal/{contact_uri(each.contact, each.source)}" for each in switch.registrar.bindings(user)
    ]
    return ",".join(found) or "error/user_not_registered"


def status(switch: Switch, _: str) -> str:
    up = time.monotonic() - switch.started_at
    days, rest = divmod(int(up), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    living = len(switch.channels)
    return (
        f"UP 0 years, {days} days, {hours} hours, {minutes} minutes, {seconds} seconds, "
        f"{int(up * 1000) % 1000} milliseconds, 0 microseconds\n"
        f"FreeSWITCH (Version {VERSION} embedded switch) is ready\n"
        f"{switch.total_sessions} session(s) since startup\n"
        f"{living} session(s) - peak {switch.peak_sessions}, last 5min {switch.peak_sessions} \n"
        f"{switch.config.max_sessions} session(s) max\n"
        f"min idle cpu 0.00/100.00\n"
    )


def version(_: Switch, args: str) -> str:
    if args.strip().startswith("short"):
        return "1.11.0\n"
    return f"FreeSWITCH Version {VERSION} (embedded switch)\n"


def reloadxml(switch: Switch, _: str) -> str:
    switch.load_xml()
    switch.bus.fire("RELOADXML", dict)
    return "+OK [Success]\n"


def create_uuid(_: Switch, __: str) -> str:
    return new_uuid()


def global_getvar(switch: Switch, args: str) -> str:
    name = args.strip()
    if not name:
        return "".join(f"{key}={value}\n" for key, value in switch.globals.items())
    return switch.globals.get(name, "")


def global_setvar(switch: Switch, args: str) -> str:
    name, equals, value = args.partition("=")
    if not equals:
        return usage("<var>=<value> [=<value2>]")
    switch.globals[name.strip()] = value
    return "+OK"


def user_exists(switch: Switch, args: str) -> str:
    words = separate(args)
    return "true" if len(words) > 1 and words[1] in switch.users else "false"


def hupall(switch: Switch, args: str) -> str:
    cause = parse_cause(args.split()[0]) if args.split() else "MANAGER_REQUEST"
    for channel in list(switch.channels.values()):
        channel.hangup(cause)
    return f"+OK hangup all channels with cause {cause}\n"


def strftime(_: Switch, args: str) -> str:
    return time.strftime(args or "%Y-%m-%d %T")


def echo(_: Switch, args: str) -> str:
    return args


def hash_text(switch: Switch, args: str) -> str:
    """`insert|delete|select/REALM/KEY[/VALUE]`."""
    output = hashed.carry_out(switch.hashed, args)
    return usage(hashed.SYNTAX) if output is None else output


def hash_dump(switch: Switch, args: str) -> str:
    """`db [REALM]`."""
    kind, _, realm = args.partition(" ")
    return hashed.dump(switch.hashed, realm) if kind in ("db", "all") else "Usage: all|limit|db [<realm>]\n"
