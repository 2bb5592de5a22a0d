"""What `originate` is told of a leg that we call: an agent's phone, the other side of a transfer."""

from __future__ import annotations

from switch_app.core import orders as o

from .config import NOWHERE
from .dialstring import safe_number, safe_text, variables

RECOVER = "recover:XML:recover"  # extension:dialplan:context of the way back into the socket


def to_agent(order: o.CallAgent, domain: str) -> str:
    """The phone shows who calls. domain: of the registrations; "": the switch's only one."""
    values = {
        **_of_ours(order.leg, "agent", order.ring_s),
        "interaction_id": order.interaction,
        **_shown(order.ani, order.name),
        **{name: safe_text(value) for name, value in order.variables.items()},
    }
    return f"{variables(values)}{_user(order.contact, domain)} &park()"


def to_other_side(order: o.TransferLeg, leg: str, ani: str, name: str, domain: str) -> str:
    """ani, name: of the caller, shown to a phone of ours. Over a trunk the provider says what is shown."""
    values = _of_ours(leg, "transfer", order.ring_s)
    if order.trunk:
        target = f"sofia/gateway/{safe_number(order.trunk)}/{safe_number(order.to)}"
        return f"{variables(values)}{target} &park()"
    return f"{variables({**values, **_shown(ani, name)})}{_user(order.to, domain)} &park()"


def _of_ours(leg: str, kind: str, ring_s: float) -> dict[str, str]:
    return {
        "origination_uuid": leg,
        "hotline_leg": kind,
        "originate_timeout": str(max(1, round(ring_s))),
        "ignore_early_media": "true",
        "force_transfer_context": NOWHERE,
        # else a phone that hangs up on hold takes the other side along (switch_ivr_bridge.c, line 913)
        "hold_hangup_xfer_exten": RECOVER,
        # joined to a caller it comes second; it comes first where a caller's phone joins the agents of two
        # calls (REFER with Replaces: sofia.c, sofia_handle_sip_i_refer), and FreeSWITCH cannot refuse that
        "bridge_pre_execute_aleg_app": "hangup",
    }


def _user(number: str, domain: str) -> str:
    """The dial string of a registered phone."""
    return f"user/{safe_number(number)}@{domain}" if domain else f"user/{safe_number(number)}"


def _shown(number: str, name: str) -> dict[str, str]:
    """Who calls, on the phone's display. Both are a stranger's words."""
    return {
        "origination_caller_id_number": safe_number(number),
        "origination_caller_id_name": safe_text(name) or safe_number(number),
    }
