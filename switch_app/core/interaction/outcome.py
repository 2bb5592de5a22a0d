"""The one word for how a contact ended (semantics.md, Metrics)."""

from __future__ import annotations

from .state import Interaction, Phase

IN_QUEUE = (Phase.WAITING, Phase.RINGING, Phase.JOINING)
UNSERVED = ("timeout", "empty", "full", "no_queue")


def outcome_of(state: Interaction, reason: str, flow_ended: str = "", voicemail: str = "") -> str:
    """reason: the neutral reason of the leg's end; the other two: what this turn itself learnt.

    Abandoned is who leaves a queue by hanging up, as the floor counts it: not who hangs up in a menu
    (completed), nor who was let go by the queue (overflowed), nor who turned to voicemail.
    """
    if state.connected:
        return "answered"
    if state.voicemail or voicemail:
        return "voicemail"
    if reason == "switch_lost":
        return "switch_lost"
    if state.phase in IN_QUEUE:
        return "abandoned"
    if state.transferred:
        return "completed"
    if "failed" in (flow_ended or state.flow_ended, state.released):
        return "failed"
    return "overflowed" if state.gave_up in UNSERVED else "completed"
