"""Bugs put into the product on purpose: each must be caught by a check of the whole centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import decide as floor_decide
from switch_app.core.acd import evolve as floor_evolve
from switch_app.core.acd import offering as floor_offering
from switch_app.core.acd import order
from switch_app.core.interaction import Phase, offering, queueing
from switch_app.core.interaction.decide import ANYWHERE, RULES
from switch_app.core.interaction.draft import Draft
from switch_app.core.interaction.evolve import FOLDS
from switch_app.runtime import recovery
from switch_app.switches.missed_calls import MissedCalls
from switch_app.switches.reconciler import Reconciler
from switch_app.testing.memory_journal import MemoryJournal
from switch_app.testing.simulated_application import CheckedTurns

Break = Callable[[pytest.MonkeyPatch], None]


def _without(patch: pytest.MonkeyPatch, owner: Any, name: str, lost: Callable[[Any], bool]) -> None:
    """Make a draft forget some of what it is told."""
    kept = getattr(owner, name)

    def some(self: Any, *told: Any) -> None:
        kept(self, *(each for each in told if not lost(each)))

    patch.setattr(owner, name, some)


def _of(kind: type, nth: int = 1) -> Callable[[Any], bool]:
    """True for every nth record of a kind."""
    count = 0

    def found(record: Any) -> bool:
        nonlocal count
        count += isinstance(record, kind)
        return isinstance(record, kind) and count % nth == 0

    return found


def order_is_lost(patch: pytest.MonkeyPatch) -> None:
    """One in fifty timers is not started."""
    lost, carry_out = _of(o.StartTimer, 50), CheckedTurns._carry_out

    def most(self: Any, outside: list[tuple[str, Any]]) -> None:
        carry_out(self, [each for each in outside if not lost(each[1])])

    patch.setattr(CheckedTurns, "_carry_out", most)


def orders_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """The world hears of a decision that a death may undo."""
    take_append = MemoryJournal.append

    def append(self: Any, batch: Any) -> None:
        batch, then = replace(batch, then=None), batch.then
        take_append(self, batch)
        if then:
            then()

    patch.setattr(MemoryJournal, "append", append)


def caller_dropped_at_recovery(patch: pytest.MonkeyPatch) -> None:
    streams = MemoryJournal.open_streams
    patch.setattr(MemoryJournal, "open_streams", lambda self: streams(self)[1:])


def place_lost_at_recovery(patch: pytest.MonkeyPatch) -> None:
    """Who waits begins anew at the end of the queue."""
    fold = recovery.fold

    def later(entries: Any) -> Any:
        state = fold(entries)
        if state and state.waiting_since:
            state.waiting_since += 1.0
        return state

    patch.setattr(recovery, "fold", later)


def queued_twice_at_recovery(patch: pytest.MonkeyPatch) -> None:
    come_back = queueing.come_back

    def again(draft: Draft, signal: s.CallArrived) -> None:
        come_back(draft, signal)
        draft.fact(f.QueueEntered(draft.state.queue, "", 0, draft.now))

    patch.setitem(RULES[Phase.WAITING], s.CallArrived, again)


def silence_after_recovery(patch: pytest.MonkeyPatch) -> None:
    def quietly(draft: Draft, signal: s.CallArrived) -> None:
        draft.fact(f.InteractionResumed(signal.leg, "recovered"))

    patch.setitem(RULES[Phase.WAITING], s.CallArrived, quietly)


def agent_left_offered(patch: pytest.MonkeyPatch) -> None:
    """A missed call frees nobody."""
    patch.setitem(floor_decide.RULES, s.OfferMissed, lambda draft, signal: None)


def agent_without_deadline(patch: pytest.MonkeyPatch) -> None:
    """A wrap-up, or a pause, that nothing ends."""
    rule = floor_evolve.RULES[f.PresenceChanged]

    def endless(tables: Any, fact: Any, at: float) -> None:
        rule(tables, replace(fact, until=None) if fact.state == "wrap_up" else fact, at)

    patch.setitem(floor_evolve.RULES, f.PresenceChanged, endless)


def ghost_call(patch: pytest.MonkeyPatch) -> None:
    """The phone rings on for a caller who has left, and no look finds it."""

    def drop_offer(draft: Draft, reason: str) -> None:
        offer = draft.state.offer
        assert offer
        draft.fact(f.AgentMissed(offer.offer, offer.agent, reason))
        draft.order(*(o.StopTimer(f"{what}:{offer.offer}") for what in ("ring", "join")))

    patch.setattr(queueing, "drop_offer", drop_offer)
    patch.setattr(offering, "drop_offer", drop_offer)
    patch.setitem(ANYWHERE, s.LegAnswered, lambda draft, signal: None)
    patch.setattr(Reconciler, "_strays", lambda self, channels: None)


def offer_without_an_end(patch: pytest.MonkeyPatch) -> None:
    """What was missed is stated nowhere."""
    _without(patch, Draft, "fact", _of(f.AgentMissed, 3))


def talk_without_an_end(patch: pytest.MonkeyPatch) -> None:
    """The end of an agent's leg is not understood, and the caller's return neither."""
    patch.setitem(RULES[Phase.TALKING], s.LegEnded, lambda draft, signal: None)
    patch.setitem(RULES[Phase.TALKING], s.CallArrived, lambda draft, signal: None)


def caller_hung_up_at_recovery(patch: pytest.MonkeyPatch) -> None:
    """Instead of hearing music; and nobody has decided so."""

    def away(draft: Draft, signal: s.CallArrived) -> None:
        queueing.come_back(draft, signal)
        draft.order(o.HangUp(signal.leg, "normal"))

    patch.setitem(RULES[Phase.WAITING], s.CallArrived, away)


def missed_call_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MissedCalls, "look", lambda self: None)


def youngest_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(order, "us", lambda seconds: -round(seconds * 10**6))


def record_lost(patch: pytest.MonkeyPatch) -> None:
    """One in a hundred facts never comes to the journal."""
    append, lost = MemoryJournal.append, _of(tuple, 100)

    def most(self: Any, batch: Any) -> None:
        append(self, replace(batch, rows=[row for row in batch.rows if row[3] != "fact" or not lost(row)]))

    patch.setattr(MemoryJournal, "append", most)


def close_is_not_told(patch: pytest.MonkeyPatch) -> None:
    _without(patch, Draft, "fact", _of(f.InteractionClosed, 20))


def talk_counted_twice(patch: pytest.MonkeyPatch) -> None:
    fold = FOLDS[f.ConversationEnded]

    def twice(state: Any, fact: Any, at: float) -> None:
        fold(state, fact, at)
        state.talk_s += fact.talk_s

    patch.setitem(FOLDS, f.ConversationEnded, twice)


def hold_is_talk(patch: pytest.MonkeyPatch) -> None:
    """The hold of a talk that ends on it is counted as talk."""
    fold = FOLDS[f.CallHeld]
    patch.setitem(FOLDS, f.CallHeld, lambda state, fact, at: fold(state, fact, at + 3600))


def hold_is_not_heard_of(patch: pytest.MonkeyPatch) -> None:
    """Neither as an event nor by a look."""
    patch.setitem(RULES[Phase.TALKING], s.LegHeld, lambda draft, signal: None)


def hold_of_the_floor_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(floor_decide.RULES, s.ConversationResumed, lambda draft, signal: None)


def hold_is_lost_by_the_floor(patch: pytest.MonkeyPatch) -> None:
    """An agent's hours do not come out."""
    rule = floor_evolve.RULES[f.PresenceChanged]

    def moved(tables: Any, fact: Any, at: float) -> None:
        rule(tables, fact, at)
        tables.edit_agent(fact.agent).hold_s = 0.0

    patch.setitem(floor_evolve.RULES, f.PresenceChanged, moved)


def ref_given_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Draft, "ref", lambda self: f"{self.state.version // 5}.1")


def timer_left_behind(patch: pytest.MonkeyPatch) -> None:
    _without(patch, Draft, "order", _of(o.StopTimer))


def fold_forgets(patch: pytest.MonkeyPatch) -> None:
    """A rule of the fold that reads what is not in the fact."""
    rule, seen = FOLDS[f.AgentRung], set()

    def rung(state: Any, fact: Any, at: float) -> None:
        rule(state, fact, at)
        state.name = "" if fact.offer in seen else "rung"
        seen.add(fact.offer)

    patch.setitem(FOLDS, f.AgentRung, rung)


def talk_is_lost_by_the_floor(patch: pytest.MonkeyPatch) -> None:
    """One talk in five, at its beginning or in the middle of it: the agent is free, and the talk goes on."""
    for kind in (s.OfferAnswered, s.ConversationHeld, s.TimerFired):
        rule, lost = floor_decide.RULES[kind], _of(kind, 5)

        def forgets(draft: Any, signal: Any, rule: Any = rule, lost: Any = lost) -> None:
            rule(draft, signal)
            talks = [item for item in draft.floor.tables.items.values() if item.state == "talking"]
            if talks and lost(signal) and draft.item(talks[-1].id):
                floor_offering.withdrawn(draft, s.WorkWithdrawn(talks[-1].id, "lost"))

        patch.setitem(floor_decide.RULES, kind, forgets)


# break -> what the check says
BREAKS: dict[Break, str] = {
    order_is_lost: "without its timer|no timer|must come",
    orders_before_the_commit: "has a ref again|called twice|follows",
    caller_dropped_at_recovery: "was, and is folded|work without a contact|must come",
    place_lost_at_recovery: "folded|waited",
    queued_twice_at_recovery: "a wait within a wait",
    silence_after_recovery: "waits in silence",
    agent_left_offered: "but its work is|but the work is|busy",
    agent_without_deadline: "has a deadline",
    ghost_call: "has the ghost",
    offer_without_an_end: "AgentRung|but its work is|offer|has a ref again",
    talk_without_an_end: "talks to nobody",
    caller_hung_up_at_recovery: "nobody meant it",
    youngest_first: "although",
    missed_call_is_not_told: "nothing is known of",
    record_lost: "follows",
    close_is_not_told: "contacts are left|without its timer",
    talk_counted_twice: "sums",
    talk_is_lost_by_the_floor: "but its work is",
    hold_is_talk: "on hold|of .* s|folded",
    hold_is_not_heard_of: "we believe the opposite|on hold",
    hold_of_the_floor_never_ends: "but the agent is",
    hold_is_lost_by_the_floor: "hours of",
    ref_given_twice: "has a ref again",
    timer_left_behind: "too many|of a contact that is over",
    fold_forgets: "folded",
}
