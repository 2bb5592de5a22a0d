"""Queues and roster as they are loaded, at the start and at every reload. Nothing old stays behind."""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from .choice import check_all
from .draft import Draft
from .names import tell_timer
from .presence import log_out
from .state import LOGGED_OUT
from .waiting import attend, needs_ignored, pass_on, stop_clocks

REMOVED = "removed"


def queues_loaded(draft: Draft, signal: s.FloorConfigured) -> None:
    """Raises ValueError, and changes nothing, on a rule that can't be followed."""
    tables = draft.floor.tables
    before = {name: queue.rule for name, queue in tables.queues.items() if not queue.retired}
    if list(before.values()) == list(signal.queues):
        return
    rules = {name: queue.rule for name, queue in tables.queues.items()}
    check_all(signal.queues)
    draft.rebuild(f.QueuesConfigured(signal.queues))
    for item in list(draft.floor.tables.items.values()):
        queue = draft.queue_of(item)
        if queue.retired and item.waiting:
            pass_on(draft, item, "no_queue")
        elif item.state != "talking" and before.get(item.queue) != queue.rule:
            if ignored := needs_ignored(queue.rule, item.work):
                draft.fact(ignored)
            stop_clocks(draft, item, rules[item.queue])
            if queue.rule.announce_every_s > 0:
                draft.start_timer(tell_timer(item.id), draft.now + queue.rule.announce_every_s)
            attend(draft, item)


def roster_loaded(draft: Draft, signal: s.RosterLoaded) -> None:
    """Who is not on it any more is logged out, after the talk if there is one; who is back by then stays."""
    tables = draft.floor.tables
    if [agent.profile for agent in tables.agents.values() if agent.on_roster] == list(signal.agents):
        return
    draft.rebuild(f.RosterChanged(signal.agents))
    for agent in list(draft.floor.tables.agents.values()):
        if not agent.on_roster and LOGGED_OUT not in (agent.state, agent.after):
            log_out(draft, agent, REMOVED, by="roster")
        elif agent.on_roster and (agent.after, agent.after_reason) == (LOGGED_OUT, REMOVED):
            draft.fact(f.PresencePlanned(agent.id, "ready", "", "roster"))
