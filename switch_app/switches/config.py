"""The switch's configuration, rendered from dialplan/ and conf/freeswitch/ (FreeSWITCH's XML).

The embedded switch reads the same dialplan, directory and gateways; `render_freeswitch` adds what only a
real FreeSWITCH needs. What is written holds passwords: readable by its owner alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .missed_calls import NOTE_AWAY

MODULES = (
    "mod_logfile",
    "mod_event_socket",
    "mod_commands",
    "mod_dptools",
    "mod_dialplan_xml",
    "mod_sofia",
    "mod_sndfile",
    "mod_native_file",
    "mod_tone_stream",
    "mod_hash",
)
# Where a REFER may lead, as force_transfer_context of the leg that it moves, which is the sender's partner's:
OUTSIDERS = "inbound"  # by the other side of a talk elsewhere: our numbers, no way out
INSIDERS = "agents"  # by an agent's phone: where it may dial
NOWHERE = "closed"  # by a caller: it ends the talk (FreeSWITCH cannot refuse the REFER of one leg alone)
SHARED = {  # templates of conf/freeswitch that the embedded switch reads too -> where they are written
    "vars.xml": "vars.xml",
    "directory.xml": "directory/agents.xml",
    "gateways.xml": "gateways/trunks.xml",
}
INTERLUDE = "tone_stream://%(1000,2000,440)"  # where there is no music


@dataclass(frozen=True, slots=True)
class Trunk:
    """A SIP gateway (conf/trunks.yml)."""

    name: str
    proxy: str
    register: bool = True
    username: str = ""
    password: str = ""
    realm: str = ""
    number: str = ""
    expires_s: int = 600


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the templates ask for. users: extension -> SIP password. call_servers: HOST:PORT, tried
    in order. numbers: the named inbound numbers; takes_any: whether other digits are let in too.
    interlude: music between two attempts to reach the application. hold_music: for who is on hold; shorter
    than 0.5 s FreeSWITCH plays it once only (switch_ivr.c, switch_ivr_parse_event). media_timeout_s: a phone
    that sends no packet for so long has vanished, ten times as long while it holds; 0: never."""

    domain: str
    users: Mapping[str, str]
    call_servers: Sequence[str]
    numbers: Sequence[str]
    takes_any: bool = True
    trunks: Sequence[Trunk] = ()
    interlude: str = INTERLUDE
    hold_music: str = INTERLUDE
    media_timeout_s: int = 60
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    advertise: str = ""
    rtp_low: int = 16384
    rtp_high: int = 32767
    event_socket_host: str = "127.0.0.1"
    event_socket_port: int = 8021
    event_socket_networks: Sequence[str] = ("127.0.0.0/8",)
    esl_password: str = ""
    log_levels: str = "notice,warning,err,crit,alert"
    max_sessions: int = 1000
    calls_per_second: int = 100
    register_expires_s: int = 120
    more: Mapping[str, Any] = field(default_factory=dict)


def render_dialplan(plan: Plan, root: Path, folder: Path) -> None:
    """Write vars.xml, dialplan/, directory/ and gateways/ under `folder`. root: the repository."""
    templates = _environment(plan, root / "dialplan")
    for template in sorted((root / "dialplan").glob("[a-z]*.xml")):
        _write(folder / "dialplan" / template.name, templates.get_template(template.name).render())
    shared = _environment(plan, root / "conf" / "freeswitch")
    for name, written in SHARED.items():
        _write(folder / written, shared.get_template(name).render())


def render_freeswitch(plan: Plan, root: Path, folder: Path) -> None:
    """Write a complete configuration folder for FreeSWITCH 1.11, loadable as it is (-conf FOLDER)."""
    render_dialplan(plan, root, folder)
    source = root / "conf" / "freeswitch"
    templates = _environment(plan, source)
    loaded = sorted(source.glob("autoload_configs/*.xml"))
    names = ["freeswitch.xml", *(f"autoload_configs/{path.name}" for path in loaded)]
    for name in names:
        _write(folder / name, templates.get_template(name).render())


def _environment(plan: Plan, folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {name: getattr(plan, name) for name in plan.__slots__ if name != "more"}
    values |= {
        "users": [{"number": number, "password": word} for number, word in sorted(plan.users.items())],
        "modules": MODULES,
        "call_servers": "|".join(plan.call_servers),
        "extension_pattern": _pattern(plan.users),
        "named_pattern": _pattern(plan.numbers),
        "unnamed_pattern": f"^(?!{_pattern(plan.numbers).removeprefix('^')})",
        "inbound_pattern": inbound_pattern(plan),
        "note_away": NOTE_AWAY,
        "into_socket": lambda context: _into_socket(plan, context),
    }
    environment.globals.update(values)
    return environment


def inbound_pattern(plan: Plan) -> str:
    """Numbers that a caller without authentication reaches: never an extension, never a code."""
    if not plan.takes_any:
        return _pattern(plan.numbers)
    extensions = "|".join(re.escape(number) for number in sorted(plan.users))
    never = f"(?!(?:{extensions})$)" if extensions else ""
    return rf"^{never}(\+?[0-9]{{2,20}})$"


def _pattern(numbers: Mapping[str, Any] | Sequence[str]) -> str:
    """Exactly these; of none: nothing (`$a` never matches)."""
    found = "|".join(re.escape(number) for number in sorted(numbers))
    return f"^({found})$" if found else "^($a)$"


def _into_socket(plan: Plan, context: str) -> Markup:
    """survival.md: socket_resume before the socket, then an extension that can be entered for ever.

    Each way back is a transfer, and 70 of them (or Max-Forwards) would end the call without
    max_session_transfers (switch_ivr.c, switch_ivr_session_transfer). One application sets all: each
    one costs FreeSWITCH two events with all that it knows of the channel.
    """
    variables = {
        "hotline_context": context,
        "hotline_dnis": "$1",
        "interaction_id": "${uuid}",
        "max_session_transfers": "1000000",
        "playback_terminators": "none",
        "force_transfer_context": OUTSIDERS,
        "socket_resume": "true",
    }
    actions = (
        ("multiset", " ".join(f"{name}={value}" for name, value in variables.items())),
        ("socket", f"{'|'.join(plan.call_servers)} async full"),
        ("transfer", "recover XML recover"),
    )
    lines = (Markup('<action application="{}" data="{}"/>').format(*action) for action in actions)
    return Markup("\n        ").join(lines)


def _write(path: Path, text: str) -> None:
    """Owner only; a reader sees the old or the new file, never a half one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
