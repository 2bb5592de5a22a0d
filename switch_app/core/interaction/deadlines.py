"""The timers that an interaction's state implies: set again after a restart, due at once if late."""

from __future__ import annotations

from ..orders import StartTimer
from .draft import GRACE_S, RETURN_S
from .state import Interaction, Phase

JOIN_S = 8.0  # long enough for the reconciler to ask, should the control line break at this moment


def deadlines(state: Interaction) -> list[StartTimer]:
    """Owner and deadline of each transient phase; the flow's own timers come with its re-entry."""
    offer = state.offer
    if state.phase is Phase.RINGING and offer:
        return [StartTimer(f"ring:{offer.offer}", offer.rung_at + offer.ring_s + GRACE_S)]
    if state.phase is Phase.JOINING and offer:
        return [StartTimer(f"join:{offer.offer}", (offer.joining_at or state.phase_at) + JOIN_S)]
    if state.phase is Phase.PARTED:
        return [StartTimer("return", state.phase_at + RETURN_S)]
    if state.phase is Phase.LEAVING or (state.phase is Phase.FLOW and not state.leg_up):
        return [StartTimer("leave", state.phase_at + GRACE_S)]
    return []
