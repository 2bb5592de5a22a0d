"""Settings that are right one by one and wrong together."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

from .settings_values import Address

if TYPE_CHECKING:
    from .settings import Settings

Place = Callable[[str, str], str]  # a setting's name, its source -> how people find it


def contradictions(settings: Settings, place: Place) -> list[str]:
    """Lines for people. `place` words where a setting is from."""
    problems = _clashes(settings, place)
    if Address(settings.domain, 0).is_any:  # also what FreeSWITCH's domain would be
        name = "advertise" if settings.advertise else "sip"
        value = getattr(settings, name)
        problems.append(
            f"{place(name, settings.sources[name])}: {value} is no single address that phones can answer "
            "to. Remedy: set HOTLINE_ADVERTISE to this machine's address on the LAN"
        )
    if settings.switch == "freeswitch" and not settings.sip.port:
        problems.append(
            f"{place('sip', settings.sources['sip'])}: FreeSWITCH cannot choose a free port. "
            "Remedy: set HOTLINE_SIP to the port that it is to listen on"
        )
    if settings.crm_database == str(settings.journal):
        problems.append(
            f"{place('database', settings.sources['database'])}: {settings.journal} is the journal. "
            "Remedy: give the CRM another file, or nothing"
        )
    if len(os.fsencode(settings.control_socket)) > 100:
        problems.append(
            f"{place('var', settings.sources['var'])}: {settings.var} is too long a path for a socket in it "
            "(100 bytes). Remedy: set HOTLINE_VAR to a shorter one"
        )
    return problems


def _clashes(settings: Settings, place: Place) -> list[str]:
    """Ports that two of our own listeners would want."""
    listeners = ["http", "call_server", *(["event_socket"] if settings.switch == "embedded" else [])]
    placed = {name: place(name, settings.sources[name]) for name in (*listeners, "sip", "rtp")}
    problems = []
    for first, second in combinations(listeners, 2):
        one, other = getattr(settings, first), getattr(settings, second)
        if one.clashes_with(other):
            problems.append(
                f"{placed[second]}: {other} is where {placed[first]} listens ({one}). "
                "Remedy: give one of them another port"
            )
    if settings.rtp.low <= settings.sip.port <= settings.rtp.high:
        problems.append(
            f"{placed['sip']}: {settings.sip} is among the ports for audio, {settings.rtp} of {placed['rtp']}"
            ". Remedy: give SIP another port, or the audio another range"
        )
    return problems
