"""A connect reply of the outbound socket -> CallArrived."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from switch_app.core.signals import CallArrived

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # the last ones turn a line round
KEPT_HEADERS = ("variable_sip_user_agent", "variable_sip_network_ip", "variable_sip_call_id")


class Reply(Protocol):
    """Headers of a connect reply (esl.message.Event)."""

    def get(self, header: str, default: str, /) -> str: ...


Numbers = Callable[[str, str], tuple[str, str, str]]  # (context, DNIS) -> (flow, version in force, language)


def arrival(reply: Reply, flow_of: Numbers) -> CallArrived:
    """What the switch says of a leg in the socket. Caller-controlled text is cut and cleaned.

    The dialplan keeps interaction_id and hotline_dnis in channel variables, so that a caller who
    comes back through the recover extension is known again.
    """
    leg = reply.get("Unique-ID", "")
    context = reply.get("variable_hotline_context", "") or reply.get("Caller-Context", "")
    dnis = clean(reply.get("variable_hotline_dnis", "") or reply.get("Caller-Destination-Number", ""), 64)
    interaction = reply.get("variable_interaction_id", "")
    if not ID.fullmatch(interaction):
        interaction = leg
    flow, version, language = flow_of(context, dnis)
    # an agent's phone is who its digest says, whatever its From claims
    account = reply.get("variable_sip_auth_username", "") if context == "agents" else ""
    return CallArrived(
        interaction=interaction,
        leg=leg,
        ani=clean(account or reply.get("Caller-Caller-ID-Number", ""), 64),
        name=clean(reply.get("Caller-Caller-ID-Name", ""), 128),
        dnis=dnis,
        context=context,
        flow=flow,
        version=version,
        language=language,
        talked_with=clean(reply.get("variable_last_bridge_to", ""), 64),
        parted_at=moment(reply.get("variable_hotline_parted_at", "")),
        age_s=_age_s(reply),
        headers=_kept(reply),
    )


def moment(micros: str) -> float:
    """Epoch seconds of what the dialplan wrote down (profile_created_time, microseconds); else 0.0."""
    return int(micros) / 1e6 if micros.isascii() and micros.isdigit() and len(micros) < 20 else 0.0


def _age_s(reply: Reply) -> float:
    """By the switch's own clock alone, which need not be ours; 0.0 if it does not say."""
    created = moment(reply.get("Caller-Channel-Created-Time", ""))
    now = moment(reply.get("Event-Date-Timestamp", ""))
    return round(max(0.0, now - created), 3) if created else 0.0


def clean(text: str, limit: int) -> str:
    """Text of a stranger: no control characters, no turns of direction, no more than `limit`."""
    return _CONTROL.sub("", text[: limit * 4])[:limit]


def _kept(reply: Reply) -> Mapping[str, str]:
    found = {name.removeprefix("variable_"): clean(reply.get(name, ""), 200) for name in KEPT_HEADERS}
    return {name: value for name, value in found.items() if value}
