"""A change of presence with its timer: every transient state has a deadline, and no other has one."""

from __future__ import annotations

from .. import facts as f
from .draft import Draft
from .names import agent_timer
from .state import LOGGED_OUT, Agent


def move(
    draft: Draft,
    agent: Agent,
    state: str,
    reason: str = "",
    *,
    until: float | None = None,
    interaction: str = "",
    by: str = "floor",
    contact: str | None = None,
) -> None:
    """The agent's new presence. contact: None keeps the phone; who logs out leaves it."""
    had_deadline = agent.until is not None  # after a start its timer may run for longer
    phone = agent.contact if contact is None else contact
    draft.fact(
        f.PresenceChanged(
            agent.id, state, reason, "" if state == LOGGED_OUT else phone, interaction, until, by
        )
    )
    if until is not None:
        draft.start_timer(agent_timer(agent.id), until)
    elif had_deadline:
        draft.stop_timer(agent_timer(agent.id))


def move_on(draft: Draft, agent: Agent, served: bool, by: str = "floor") -> None:
    """Out of a call, a missed or a withdrawn offer, to what was asked for meanwhile, or as before.

    served: a call was talked; it uses `ready once` up.
    """
    if agent.after:
        move(draft, agent, agent.after, agent.after_reason, by=by)
    elif served and agent.mode == "ready_once":
        move(draft, agent, "not_ready", "ready_once", by=by)
    else:
        move(draft, agent, agent.mode if agent.mode == "ready_once" else "ready", by=by)
