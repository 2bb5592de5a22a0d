"""The promises of a centre, checked after each turn, now and then, and at the end."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from switch_app.core import facts as f
from switch_app.core import interaction as contact
from switch_app.core.acd import floor as acd
from switch_app.core.acd import own_call
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.plain import kind_of, to_plain
from switch_app.runtime.journal import Entry
from switch_app.runtime.turn import FLOOR

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
BUSY = ("offered", "talking")
OUTCOMES = {"answered", "abandoned", "voicemail", "completed", "overflowed", "switch_lost", "failed"}
AFTERWARDS = {"RecordingKept", "RecordingLost", "DispositionSet"}
PATIENCE_S = 45.0  # something odd may last so long: two looks of the reconciler and a deadline
KEPT_S = 600.0  # a closed contact may still be spoken of


class CentreChecks:
    """Raises AssertionError with the seed, and the last turns of who is concerned."""

    def __init__(self, centre: SimulatedCentre) -> None:
        self.centre = centre
        self.audited: Counter[str] = Counter()
        self._odd: dict[str, float] = {}  # something odd -> since
        self._expected: Any = None
        self._closed: dict[str, float] = {}  # stream -> when
        faults = centre.plan.faults
        blind = faults.application_dies_every_s or faults.line_drops_every_s or faults.switch_dies_every_s
        self._slack_s = 90.0 if blind else 2 * STALL_S  # how late the end of a talk may be seen

    # --- after each turn -----------------------------------------------------------------------------------
    def after_turn(self, stream: str, told: list[Any]) -> None:
        for fact in told:
            if isinstance(fact, f.TurnCrashed):
                self.fail(f"a turn crashed: {fact}", stream)
            elif isinstance(fact, f.InteractionClosed):
                self._closed.pop(stream, None)  # it was closed before, and that was lost with the process
                self._closed[stream] = self.centre.clock.now()
        self._work_and_contacts()
        self._agents()

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
        if len(items) != with_work:
            lonely = set(items) - {state.interaction for state in self.open().values()}
            self.fail(f"work without a contact: {lonely}", *(f"interaction:{each}" for each in lonely))

    def _agents(self) -> None:
        """An agent is busy with exactly the work that is theirs."""
        tables = self.centre.application.turns.floor.tables
        for agent in tables.agents.values():
            if agent.state in BUSY:
                item = tables.items.get(agent.interaction)
                if item is None or (item.agent, item.state) != (agent.id, agent.state):
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

    # --- a death and what is found afterwards -----------------------------------------------------------------
    def _picture(self) -> Any:
        """All states, as plain data."""
        turns = self.centre.application.turns
        return {stream: to_plain(state) for stream, state in self.open().items()}, acd.to_plain(turns.floor)

    def expect_after_death(self) -> None:
        """The next start must find what is now, if all of it is committed."""
        self._expected = None if self._uncommitted() else self._picture()

    def found(self) -> None:
        """A process has folded the journal: places, clocks and all the rest are as they were."""
        expected, self._expected = self._expected, None
        if expected is None:
            return
        states, floor = self._picture()
        differ = [name for name in {*states, *expected[0]} if states.get(name) != expected[0].get(name)]
        if differ:
            name = differ[0]
            self.fail(f"folded {name} is {states.get(name)}, was {expected[0].get(name)}", *differ)
        if floor != expected[1]:
            self.fail(f"the folded floor is {floor}, was {expected[1]}")

    def begin_anew(self) -> None:
        """Somebody could not see: what is odd counts from now."""
        self._odd.clear()

    # --- now and then ------------------------------------------------------------------------------------------
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
            self._audit(stream, keep=False)

    def _oddities(self) -> Any:
        """What the switch holds and we don't, or the other way round. Each begins with its interaction."""
        legs, states = self.centre.switch.legs, self.open()
        wanted = {state.offer.leg for state in states.values() if state.offer}
        for state in states.values():
            name, leg = state.interaction, legs.get(state.leg)
            if state.leg_up and leg is None:
                yield f"{name} has lost its caller in {state.phase}"
            if state.phase is Phase.FLOW and leg and leg.at == "bridge" and not self._away(state):
                yield f"{name} talks elsewhere, and the flow goes on without it"
            if state.phase is Phase.TALKING and not (
                leg and leg.partner and leg.partner.id == state.offer.leg
            ):
                yield f"{name} talks to nobody"
        for leg in legs.values():
            if leg.party == "agent" and leg.id not in wanted:
                yield f"{leg.interaction} has the ghost {leg.id} of {leg.number}, {leg.at}"
            elif leg.party == "caller" and f"interaction:{leg.interaction}" not in states:
                yield f"{leg.interaction} is over and its caller is still there, {leg.at}"
            elif leg.party == "caller" and leg.at in ("limbo", "dialplan"):
                yield f"{leg.interaction} has a caller in {leg.at}"

    # --- the end --------------------------------------------------------------------------------------------------
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
        if self.open() or centre.application.turns.interactions:
            left = list(centre.application.turns.interactions)[:3]
            self.fail(f"{len(centre.application.turns.interactions)} contacts are left: {left}", *left)
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
            self._audit(stream)
        self._closed.clear()
        if isinstance(centre.journal, MemoryJournal) and centre.journal.opened != self.audited.total():
            self.fail(f"{centre.journal.opened} came, {self.audited} ended")

    # --- a closed contact --------------------------------------------------------------------------------------
    def _audit(self, stream: str, keep: bool = True) -> None:
        """The facts of a contact that is over, as a whole."""
        entries = list(self.centre.journal.reader().facts_of(stream))
        if not entries:
            return  # its close was lost with the process, or it was audited before
        kinds = [entry.kind for entry in entries]
        if kinds.count("InteractionOpened") != 1 or kinds[0] != "InteractionOpened":
            self.fail("opened not exactly once", stream)
        if kinds.count("InteractionClosed") != 1:
            return self.fail("closed not exactly once", stream)
        end = kinds.index("InteractionClosed")
        if set(kinds[end + 1 :]) - AFTERWARDS:
            self.fail(f"after its end: {kinds[end + 1 :]}", stream)
        self._offers(stream, entries)
        self._waits(stream, entries)
        self._sums(stream, entries, entries[end])
        outcome = entries[end].data["outcome"]
        self.audited[outcome] += 1
        self.centre.report.outcomes[outcome] += 1
        if not keep and isinstance(self.centre.journal, MemoryJournal):
            self.centre.journal.forget(stream)
            self.centre.ledger.close(stream)
        return None

    def _offers(self, stream: str, entries: list[Entry]) -> None:
        """Each ringing ends once, each talk ends once, each wait ends once."""
        for begins, ends in (
            ("AgentRung", ("AgentConnected", "AgentMissed")),
            ("AgentConnected", ("ConversationEnded",)),
        ):
            begun = [entry.data["offer"] for entry in entries if entry.kind == begins]
            ended = [entry.data["offer"] for entry in entries if entry.kind in ends]
            if begun != ended or len(set(begun)) != len(begun):
                self.fail(f"{begins} {begun}, {ends} {ended}", stream)

    def _waits(self, stream: str, entries: list[Entry]) -> None:
        """Each wait ends once, and is as long as it was, whatever died meanwhile."""
        since: float | None = None
        for entry in entries:
            if entry.kind == "QueueEntered":
                if since is not None:
                    self.fail("a wait within a wait", stream)
                since = entry.data["waiting_since"]
                if since != entry.at:
                    self.fail(f"the wait began at {since}, not at {entry.at}", stream)
            elif entry.kind == "QueueExited":
                if since is None or abs(entry.at - since - entry.data["wait_s"]) > 0.01:
                    self.fail(f"waited {entry.data} from {since} to {entry.at}", stream)
                since = None
        if since is not None:
            self.fail("a wait has no end", stream)

    def _sums(self, stream: str, entries: list[Entry], closed: Entry) -> None:
        talk_s = sum(entry.data["talk_s"] for entry in entries if entry.kind == "ConversationEnded")
        wait_s = sum(entry.data["wait_s"] for entry in entries if entry.kind == "QueueExited")
        data, whole_s = closed.data, closed.at - entries[0].at
        if abs(data["talk_s"] - talk_s) > 0.01 or abs(data["wait_s"] - wait_s) > 0.01:
            self.fail(f"sums {talk_s} {wait_s} and {data}", stream)
        if min(talk_s, wait_s) < 0 or talk_s + wait_s > whole_s + 0.05:
            self.fail(f"talked {talk_s}, waited {wait_s} of {whole_s} s", stream)
        talked = any(entry.kind == "AgentConnected" for entry in entries)
        truth_s = self.centre.switch.talked[stream.partition(":")[2]]
        if abs(talk_s - truth_s) > self._slack_s and (talked or not self._slack_s > 1):
            self.fail(f"talked {talk_s}, and in truth {truth_s} s", stream)
        right = ("answered", "switch_lost") if talked else OUTCOMES - {"answered"}
        if data["outcome"] not in right:
            self.fail(f"outcome {data['outcome']}, {talked=}", stream)

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


def _about(turn: tuple[float, str, Any, list[Any]], streams: tuple[str, ...]) -> bool:
    names = [stream.partition(":")[2] for stream in streams]
    return turn[1] == FLOOR and any(
        getattr(fact, "interaction", "") in names for fact in turn[3] if getattr(fact, "interaction", "")
    )
