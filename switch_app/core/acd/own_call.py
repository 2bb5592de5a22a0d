"""An agent who asks for calls by keypad is on the phone: they come when that call is over.

Until then the agent is not_ready (own_call), with a deadline, and what was asked for is planned.
"""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from .draft import Draft
from .moves import move, move_on
from .state import Agent

REASON = "own_call"
LIMIT_S = 60.0  # for a call whose end nobody tells


def ready_afterwards(draft: Draft, agent: Agent, state: str, signal: s.PresenceAsked) -> None:
    """state: ready | ready_once | not_ready, once the agent has hung up."""
    contact = agent.contact or signal.contact  # only who was logged out gets a phone by it
    move(draft, agent, "not_ready", REASON, until=draft.now + LIMIT_S, by=signal.by, contact=contact)
    draft.fact(f.PresencePlanned(agent.id, state, "", signal.by))


def ended(draft: Draft, signal: s.OwnCallEnded) -> None:
    """The phone is free again."""
    agent = draft.at_phone(signal.contact)
    if agent is not None and waits(agent):
        move_on(draft, agent, served=False, by="agent")


def waits(agent: Agent) -> bool:
    return agent.state == "not_ready" and agent.reason == REASON
