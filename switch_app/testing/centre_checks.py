"""The promises of a centre, checked after each turn, now and then, and at the end."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from switch_app.core import facts as f
from switch_app.core import interaction as contact
from switch_app.core.acd import floor as acd
from switch_app.core.acd import own_call
from switch_app.core.acd.state import IN_TALK
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.plain import kind_of, to_plain
from switch_app.runtime.recovery import fold
from switch_app.runtime.turn import FLOOR

from .agent_hours import AgentHours
from .contact_audit import ContactAudit
from .memory_journal import MemoryJournal
from .simulated_switch import STALL_S

if TYPE_CHECKING:
    from .simulated_centre import SimulatedCentre

WITH_WORK = {
    Phase.WAITING: "waiting",
    Phase.RINGING: "offered",
    Phase.JOINING: "offered",
    Phase.TALKING: "talking",
}
BUSY = ("offered", *IN_TALK)
PATIENCE_S = 45.0  # something odd may last so long: two looks of the reconciler and a deadline
KEPT_S = 600.0  # a closed contact may still be spoken of
FOLDED = 3  # open contacts that are folded anew, now and then


class CentreChecks:
    """Raises AssertionError with the seed, and the last turns of who is concerned."""

    def __init__(self, centre: SimulatedCentre) -> None:
        self.centre = centre
        self._odd: dict[str, float] = {}  # something odd -> since
        self._expected: Any = None
        self._closed: dict[str, float] = {}  # stream -> when
        faults = centre.plan.faults
        blind = faults.application_dies_every_s or faults.line_drops_every_s or faults.switch_dies_every_s
        self._audit = ContactAudit(centre, self.fail, 90.0 if blind else 2 * STALL_S, sees_all=not blind)
        self.hours = AgentHours(self.fail)
        self.lenient = (
            False  # a bug is there on purpose: it may be mended, and only what is left at the end counts
        )
        self._turn = 0  # of the fold that was looked at last

    # --- after each turn -----------------------------------------------------------------------------------
    def after_turn(self, stream: str, told: list[Any]) -> None:
        for fact in told:
            if isinstance(fact, f.TurnCrashed) or (isinstance(fact, f.Mended) and not self.lenient):
                self.fail(f"a bug of ours: {fact}", stream)
            elif isinstance(fact, f.InteractionClosed):
                self._closed.pop(stream, None)  # it was closed before, and that was lost with the process
                self._closed[stream] = self.centre.clock.now()
            elif isinstance(fact, f.WorkOffered):
                self._in_turn(fact)
            elif isinstance(fact, f.WorkLeft) and fact.reason == "requeued":
                self.fail("it was in a queue already", f"interaction:{fact.interaction}")
        if not self.lenient:
            self._work_and_contacts()
            self._agents()

    def _in_turn(self, offered: f.WorkOffered) -> None:
        """Nobody who waits for the same, and has waited longer, is passed over."""
        items = self.centre.application.turns.floor.tables.items
        taken = items.get(offered.interaction)
        if taken is None or taken.offer != offered.offer:
            return
        for other in items.values():
            alike = (other.queue, other.step) == (taken.queue, taken.step) and other.waiting
            mine, theirs = other.work, taken.work
            alike = alike and (mine.needs, mine.boost_s) == (theirs.needs, theirs.boost_s)
            longer = mine.waiting_since < theirs.waiting_since - 1e-6  # what the order knows
            if alike and mine.priority >= theirs.priority and longer:
                self.fail(f"{offered} although {other} waits", f"interaction:{other.id}")

    def after_commit(self) -> None:
        """The orders of all turns so far are carried out."""
        if self.centre.application.alive:
            self._clocks()

    def _uncommitted(self) -> int:
        journal = self.centre.journal
        return journal.pending if isinstance(journal, MemoryJournal) else 0

    def open(self) -> dict[str, Interaction]:
        states = self.centre.application.turns.interactions
        return {n: state for n, state in states.items() if state.phase not in (Phase.NEW, Phase.CLOSED)}

    def _work_and_contacts(self) -> None:
        """Work on the floor has a contact that waits, rings or talks, with the same offer; and vice versa."""
        items = self.centre.application.turns.floor.tables.items
        with_work = 0
        for stream, state in self.open().items():
            item, wanted = items.get(state.interaction), WITH_WORK.get(state.phase)
            if wanted is None:
                if item is not None:
                    self.fail(f"{state.phase} has work on the floor: {item}", stream)
                continue
            with_work += 1
            if item is None or item.state != wanted:
                self.fail(f"{state.phase} but its work is {item}", stream)
            offer = (state.offer.offer, state.offer.agent) if state.offer else ("", "")
            if offer != (item.offer, item.agent):
                self.fail(f"{state.phase} with {state.offer} but its work is {item}", stream)
            held = state.offer is not None and state.offer.held_at is not None
            agent = self.centre.application.turns.floor.tables.agents.get(item.agent)
            if agent and held != (agent.state == "held"):
                self.fail(f"{state.offer} but the agent is {agent}", stream)
        if len(items) != with_work:
            lonely = set(items) - {state.interaction for state in self.open().values()}
            self.fail(f"work without a contact: {lonely}", *(f"interaction:{each}" for each in lonely))

    def _agents(self) -> None:
        """An agent is busy with exactly the work that is theirs."""
        tables = self.centre.application.turns.floor.tables
        for agent in tables.agents.values():
            if agent.state in BUSY:
                item = tables.items.get(agent.interaction)
                state = "talking" if agent.in_talk else agent.state
                if item is None or (item.agent, item.state) != (agent.id, state):
                    self.fail(f"{agent} but the work is {item}", f"interaction:{agent.interaction}")
            transient = agent.state in ("offered", "missed", "wrap_up") or own_call.waits(agent)
            if transient != (agent.until is not None):
                self.fail(f"a transient state has a deadline, and no other: {agent}")
        held = [item.agent for item in tables.items.values() if item.agent]
        busy = [agent.id for agent in tables.agents.values() if agent.state in BUSY]
        if sorted(held) != sorted(busy):
            self.fail(f"agents who hold work {sorted(held)}, agents who are busy {sorted(busy)}")

    def _clocks(self) -> None:
        """What is transient has a timer that runs, or a named owner."""
        centre, states = self.centre, self.open()
        running = centre.application.timers.names()
        wanted = {timer.timer for timer in acd.deadlines(centre.application.turns.floor)}
        of_floor = {name for stream, name in running if stream == FLOOR}
        too_many = {name for name in of_floor - wanted if not self._still_waits(name)}
        if too_many or not wanted <= of_floor:
            about = [f"interaction:{name.rpartition(':')[2]}" for name in wanted ^ of_floor]
            self.fail(f"no timer {wanted - of_floor}, too many {too_many}", *about)
        for stream, name in running:
            if stream != FLOOR and stream not in states:
                self.fail(f"the timer {name} of a contact that is over", stream)
        for stream, state in states.items():
            for timer in contact.deadlines(state):
                if not centre.application.timers.running(stream, timer.timer):
                    self.fail(f"{state.phase} without its timer {timer.timer}", stream)
            if state.phase is Phase.FLOW and state.leg in centre.application.voice.callers:
                self._flow_waits(stream, state)

    def _still_waits(self, timer: str) -> bool:
        """The clocks of work go on while a phone rings for it."""
        item = self.centre.application.turns.floor.tables.items.get(timer.rpartition(":")[2])
        return item is not None and item.state != "talking"

    def _flow_waits(self, stream: str, state: Interaction) -> None:
        wait = (state.session or {}).get("wait") or {}
        if not self._away(state) and not self.centre.application.timers.running(
            stream, wait.get("timer", "")
        ):
            self.fail(f"the flow waits for nothing that must come: {wait}", stream)

    def _away(self, state: Interaction) -> bool:
        """The caller talks elsewhere, as long as it may take."""
        wait = (state.session or {}).get("wait") or {}
        return wait.get("for") == "transfer" and not wait.get("timer")

    # --- a death and what is found afterwards -------------------------------------------------------------
    def _picture(self) -> Any:
        """All states, as plain data."""
        turns = self.centre.application.turns
        return {stream: to_plain(state) for stream, state in self.open().items()}, acd.to_plain(turns.floor)

    def expect_after_death(self) -> None:
        """The next start must find what is now, if all of it is committed."""
        self._expected = None if self._uncommitted() else self._picture()
        self.hours.forget()

    def found(self) -> None:
        """A process has folded the journal: places, clocks and all the rest are as they were."""
        expected, self._expected = self._expected, None
        if expected is None:
            return
        states, floor = self._picture()
        differ = [name for name in {*states, *expected[0]} if states.get(name) != expected[0].get(name)]
        if differ:
            name = differ[0]
            was, now = expected[0].get(name, {}), states.get(name, {})
            self.fail(f"was, and is folded: {_unlike(was, now)}", *differ)
        if floor != expected[1]:
            self.fail(f"the floor was, and is folded: {_unlike(expected[1], floor)}")

    def begin_anew(self) -> None:
        """Somebody could not see: what is odd counts from now."""
        self._odd.clear()

    # --- now and then --------------------------------------------------------------------------------------
    def now_and_then(self) -> None:
        """What contradicts the switch must not last; long closed contacts are audited and forgotten."""
        now = self.centre.clock.now()
        if self.centre.application.alive and self.centre.switch.line_up:
            odd = set(self._oddities())
            self._odd = {each: self._odd.get(each, now) for each in odd}
            for each, since in self._odd.items():
                if now - since > PATIENCE_S:
                    self.fail(f"for {now - since:.0f} s: {each}", f"interaction:{each.split()[0]}")
        for stream in [stream for stream, at in islice(self._closed.items(), 50) if at < now - KEPT_S]:
            del self._closed[stream]
            self._audit.audit(stream, keep=stream in self.centre.application.turns.interactions)
        if self.centre.application.alive and not self._uncommitted():
            self._folds()

    def _folds(self) -> None:
        """Some open contacts, folded from the journal, are what they are in memory."""
        states = self.open()
        names = sorted(states)
        for name in [names[(self._turn + n) % len(names)] for n in range(min(FOLDED, len(names)))]:
            folded = fold(self.centre.journal.reader().facts_of(name))
            if unlike := _unlike(to_plain(folded) if folded else {}, to_plain(states[name])):
                self.fail(f"folded, and in memory: {unlike}", name)
        self._turn += FOLDED

    def _oddities(self) -> Any:
        """What the switch holds and we don't, or the other way round. Each begins with its interaction."""
        legs, states = self.centre.switch.legs, self.open()
        wanted = {state.offer.leg for state in states.values() if state.offer}
        callers = self.centre.application.voice.callers
        for state in states.values():
            name, leg = state.interaction, legs.get(state.leg)
            caller = callers.get(state.leg)
            if state.phase in (Phase.WAITING, Phase.RINGING) and caller and caller.silent:
                yield f"{name} waits in silence"
            if state.leg_up and leg is None:
                yield f"{name} has lost its caller in {state.phase}"
            if state.phase is Phase.FLOW and leg and leg.at == "bridge" and not self._away(state):
                yield f"{name} talks elsewhere, and the flow goes on without it"
            other = leg.partner if leg else None
            if state.phase is Phase.TALKING and other and other.id == state.offer.leg:
                on_hold = other.held_at is not None
                if on_hold != (state.offer.held_at is not None):
                    yield f"{name} is on hold: {on_hold}, and we believe the opposite"
            if state.phase is Phase.TALKING and not (
                leg and leg.partner and leg.partner.id == state.offer.leg
            ):
                yield f"{name} talks to nobody"
        for leg in legs.values():
            unwanted = leg.party == "agent" and leg.id not in wanted
            if unwanted or (leg.party == "transfer" and leg.at != "bridge"):
                yield f"{leg.interaction} has the ghost {leg.id} of {leg.number}, {leg.at}"
            elif leg.party == "caller" and f"interaction:{leg.interaction}" not in states:
                yield f"{leg.interaction} is over and its caller is still there, {leg.at}"
            elif leg.party == "caller" and leg.at in ("limbo", "dialplan"):
                yield f"{leg.interaction} has a caller in {leg.at}"

    # --- the end -------------------------------------------------------------------------------------------
    def at_rest(self) -> bool:
        tables = self.centre.application.turns.floor.tables
        transient = any(agent.until is not None for agent in tables.agents.values())
        quiet = not self.centre.switch.legs and not self.open() and not transient
        return (
            quiet and self.centre.application.alive and self.centre.switch.line_up and not self._uncommitted()
        )

    def at_the_end(self) -> None:
        """All callers are gone: nothing may be left, and the sums agree."""
        centre, tables = self.centre, self.centre.application.turns.floor.tables
        kept = list(centre.application.turns.interactions)
        if self.open() or (kept and not centre.plan.faults.disk_refuses_every_s):
            self.fail(f"{len(kept)} contacts are left: {kept[:3]}", *kept[:3])
        busy = [agent for agent in tables.agents.values() if agent.state in BUSY or agent.until is not None]
        if busy or tables.items:
            self.fail(f"left on the floor: {busy} {tables.items}")
        for queue in tables.queues.values():
            if queue.holding or queue.talking:
                self.fail(f"the queue still counts {queue}")
        if len(centre.application.timers):
            self.fail(f"timers are left: {centre.application.timers.names()}")
        if centre.switch.legs:
            self.fail(f"legs are left: {centre.switch.legs}")
        for stream in self._closed:
            self._audit.audit(stream)
        self._closed.clear()
        self._nobody_forgotten()

    def _nobody_forgotten(self) -> None:
        """Each contact in the journal was audited, and so was each caller whom we had for long enough."""
        centre, known = self.centre, self._audit.known
        if isinstance(centre.journal, MemoryJournal) and centre.journal.opened != len(known):
            self.fail(f"{centre.journal.opened} came, {len(known)} ended")
        forgotten = (centre.switch.served | centre.switch.noted) - known
        if forgotten and not centre.plan.faults.disk_refuses_every_s:
            self.fail(f"nothing is known of {forgotten}", *(f"interaction:{each}" for each in forgotten))

    def fail(self, problem: str, *streams: str) -> None:
        """Raise, with what happened lately to these streams."""
        centre = self.centre
        told = [each for each in centre.trace if each[1] in streams or not streams or _about(each, streams)]
        lines = [
            f"  {at - centre.began_at:10.3f} {stream[-30:]} {signal} -> {[kind_of(fact) for fact in facts]}"
            for at, stream, signal, facts in told[-40:]
        ]
        moment = centre.clock.now() - centre.began_at
        head = f"seed {centre.report.seed}, second {moment:.3f}, turn {centre.report.turns}: {problem}"
        raise AssertionError("\n".join([head, *lines]))


def _unlike(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, by name: in the one, in the other."""
    names = [*one, *(name for name in other if name not in one)]
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def _about(turn: tuple[float, str, Any, list[Any]], streams: tuple[str, ...]) -> bool:
    names = [stream.partition(":")[2] for stream in streams]
    return turn[1] == FLOOR and any(
        getattr(fact, "interaction", "") in names for fact in turn[3] if getattr(fact, "interaction", "")
    )
