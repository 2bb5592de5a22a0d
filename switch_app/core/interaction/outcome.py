"""The one word for how a contact ended (semantics.md, Metrics)."""

from __future__ import annotations

from .state import Interaction


def outcome_of(state: Interaction, reason: str, flow_ended: str = "", voicemail: str = "") -> str:
    """reason: the neutral reason of the leg's end; the other two: what this turn itself learnt.

    A caller who turned to voicemail is not abandoned; one who hangs up in the flow is.
    """
    how = flow_ended or state.flow_ended
    if state.connected:
        return "answered"
    if state.voicemail or voicemail:
        return "voicemail"
    if reason == "switch_lost":
        return "switch_lost"
    if state.transferred:
        return "completed"
    if how == "completed":
        return "overflowed" if state.gave_up in ("timeout", "empty", "full", "no_queue") else "completed"
    return "failed" if how == "failed" else "abandoned"
