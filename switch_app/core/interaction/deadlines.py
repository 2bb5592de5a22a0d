"""The timers that an interaction's state implies: set again after a restart, due at once if late."""

from __future__ import annotations

from ..orders import StartTimer
from .state import Interaction, Phase

GRACE_S = 5.0  # a deadline of ours behind the switch's or the floor's own
RETURN_S = 20.0  # from the end of a talk to the caller's way back into the socket: 40 ms, or two looks
# of the reconciler when the caller is left behind, as in the music of a hold that ended as it began
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


def running(state: Interaction) -> list[str]:
    """Names of the timers that may run for it: of its phase, and of the wait in its flow."""
    wait = (state.session or {}).get("wait") or {}
    return [each.timer for each in deadlines(state)] + ([wait["timer"]] if wait.get("timer") else [])
