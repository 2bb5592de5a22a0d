"""A signal to the floor becomes facts and orders: a table of rules, then the matching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import facts as f
from .. import signals as s
from ..decision import Decision
from ..world import World
from . import astray, configuring, names, offering, own_call, presence, telling
from .draft import Draft
from .match import match
from .tables import Floor
from .waiting import leave_empty_queues


def decide(floor: Floor, signal: Any, now: float, world: World) -> Decision:
    """What happened and what is to be done. Pure; a signal without a rule means nothing here.

    Raises ValueError on a FloorConfigured that can't be followed (choice.py, needs.py).
    """
    rule = RULES.get(type(signal))
    if rule is None:
        return Decision()
    draft = Draft(floor, now)
    if world.local.date != floor.tables.day:
        draft.rebuild(f.DayBegan(world.local.date))
    rule(draft, signal)
    if draft.agents or draft.items or draft.rebuilt:
        leave_empty_queues(draft)
        while match(draft):  # an agent who is being rung may have been the last who counted as there
            leave_empty_queues(draft)
    return draft.decision()


def _timer(draft: Draft, signal: s.TimerFired) -> None:
    for prefix, rule in TIMERS.items():
        if signal.timer.startswith(prefix):
            rule(draft, signal.timer.removeprefix(prefix))


TIMERS: dict[str, Callable[[Draft, str], None]] = {
    names.AGENT: offering.agent_timer_fired,
    names.WORK: offering.work_timer_fired,
    names.TELL: telling.tell,
}

RULES: dict[type, Callable[[Draft, Any], None]] = {
    s.FloorConfigured: configuring.queues_loaded,
    s.RosterLoaded: configuring.roster_loaded,
    s.WorkArrived: offering.arrived,
    s.WorkWithdrawn: offering.withdrawn,
    s.OfferAnswered: offering.answered,
    s.OfferMissed: offering.missed,
    s.ConversationHeld: offering.held,
    s.ConversationResumed: offering.taken_back,
    s.ConversationOver: offering.conversation_over,
    s.PresenceAsked: presence.asked,
    s.ContactLost: presence.contact_lost,
    s.OwnCallEnded: own_call.ended,
    s.WorkAstray: astray.work,
    s.AgentAstray: astray.agent,
    s.TalkForgotten: astray.talk,
    s.TimerFired: _timer,
}
