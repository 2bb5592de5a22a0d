"""The facts of a contact that is over, judged as a whole, and against what the switch knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from switch_app.core.interaction import Phase
from switch_app.runtime.journal import Entry
from switch_app.runtime.recovery import fold

from .memory_journal import MemoryJournal

if TYPE_CHECKING:
    from .simulated_centre import SimulatedCentre

OUTCOMES = {"answered", "abandoned", "voicemail", "completed", "overflowed", "switch_lost", "failed"}
AFTERWARDS = {"RecordingKept", "RecordingLost", "DispositionSet"}
EXACT_S = 0.01  # our own sums are rounded to milliseconds


class ContactAudit:
    """fail(problem, stream) raises AssertionError; slack_s: how late the end of a talk may be seen;
    sees_all: no event of the switch was lost."""

    def __init__(
        self, centre: SimulatedCentre, fail: Callable[..., None], slack_s: float, sees_all: bool
    ) -> None:
        self.centre, self.fail, self._slack_s, self._sees_all = centre, fail, slack_s, sees_all
        self.outcomes: Counter[str] = Counter()
        self.known: set[str] = set()  # interactions

    def audit(self, stream: str, keep: bool = True) -> None:
        """Raises AssertionError. Unless to be kept, the journal in memory forgets the contact."""
        entries = list(self.centre.journal.reader().facts_of(stream))
        if not entries:
            return  # its close was lost with the process, or it was audited before
        self._once_each(stream, entries)
        self._offers(stream, entries)
        self._waits(stream, entries)
        self._end(stream, entries)
        self._sums(stream, entries)
        self.known.add(stream.partition(":")[2])
        if not keep and isinstance(self.centre.journal, MemoryJournal):
            self.centre.journal.forget(stream)
            self.centre.ledger.close(stream)

    def _once_each(self, stream: str, entries: list[Entry]) -> None:
        """Opened first, closed once, and after that only what comes late."""
        kinds = [entry.kind for entry in entries]
        if kinds.count("InteractionOpened") != 1 or kinds[0] != "InteractionOpened":
            self.fail(f"opened not exactly once: {kinds}", stream)
        if kinds.count("InteractionClosed") != 1:
            self.fail(f"closed not exactly once: {kinds}", stream)
        if late := set(kinds[kinds.index("InteractionClosed") + 1 :]) - AFTERWARDS:
            self.fail(f"after its end: {late}", stream)
        moments = [entry.at for entry in entries]
        if moments != sorted(moments) or [e.version for e in entries] != list(range(1, len(entries) + 1)):
            self.fail(f"no single history: {[(e.version, e.at, e.kind) for e in entries]}", stream)

    def _offers(self, stream: str, entries: list[Entry]) -> None:
        """Each ringing ends once, each talk ends once, and so does its recording."""
        for begins, ends in (
            ("AgentRung", ("AgentConnected", "AgentMissed")),
            ("AgentConnected", ("ConversationEnded",)),
        ):
            begun = [entry.data["offer"] for entry in entries if entry.kind == begins]
            ended = [entry.data["offer"] for entry in entries if entry.kind in ends]
            if begun != ended or len(set(begun)) != len(begun):
                self.fail(f"{begins} {begun}, {ends} {ended}", stream)
        begun = {entry.data["recording"] for entry in entries if entry.kind == "AgentConnected"}
        meant = {entry.data["recording"] for entry in entries if entry.kind == "AgentAnswered"}
        kept = [entry.data["path"] for entry in entries if entry.kind in ("RecordingKept", "RecordingLost")]
        kept = [path for path in kept if path.startswith("recordings/")]
        if self._sees_all and not (begun <= set(kept) <= meant and len(kept) == len(set(kept))):
            self.fail(f"recordings {begun}, and what came of them {kept}", stream)

    def _waits(self, stream: str, entries: list[Entry]) -> None:
        """Each wait begins once, ends once, and is as long as it was, whatever died meanwhile."""
        since: float | None = None
        left_at = 0.0  # told late, a wait ends when the caller left
        for entry in entries:
            if entry.kind == "LegLost":
                left_at = entry.data["at"]
            if entry.kind == "QueueEntered":
                if since is not None:
                    self.fail("a wait within a wait", stream)
                since = entry.data["waiting_since"]
                if since != entry.at:
                    self.fail(f"the wait began at {since}, not at {entry.at}", stream)
            elif entry.kind == "QueueExited":
                passed_s, wait_s = (left_at or entry.at) - (since or entry.at), entry.data["wait_s"]
                if entry.data["reason"] == "switch_lost":  # it may have died while nobody was there to see it
                    passed_s = min(passed_s, wait_s)
                if left_at > entry.at:
                    self.fail(f"left at {left_at}, told at {entry.at}", stream)
                if since is None or abs(passed_s - wait_s) > EXACT_S:
                    self.fail(f"waited {entry.data} from {since} to {entry.at}", stream)
                since = None
        if since is not None:
            self.fail("a wait has no end", stream)

    def _end(self, stream: str, entries: list[Entry]) -> None:
        """The end has the one right word, and nobody was dropped by us without a decision to do so."""
        state = fold(entries)
        closed = next(entry for entry in entries if entry.kind == "InteractionClosed")
        outcome = closed.data["outcome"]
        if state is None or state.phase is not Phase.CLOSED or state.outcome != outcome:
            self.fail(f"its facts fold to {state}", stream)
        talked = any(entry.kind == "AgentConnected" for entry in entries)
        if outcome not in (("answered", "switch_lost") if talked else OUTCOMES - {"answered"}):
            self.fail(f"outcome {outcome}, {talked=}", stream)
        opened = entries[0].data
        for number, entry in enumerate(entries):
            dropped = entry.kind == "LegLost" and entry.data["leg"] == opened["leg"]
            if dropped and entry.data["by"] == "application":
                meant = any(earlier.kind == "CallerReleased" for earlier in entries[:number])
                if not meant and opened["interaction"] not in self.centre.crowd.ended_from_above:
                    self.fail("hung up by us, and nobody meant it", stream)
        self.outcomes[outcome] += 1
        self.centre.report.outcomes[outcome] += 1

    def _sums(self, stream: str, entries: list[Entry]) -> None:
        """Seconds talked, on hold and waited, by our own facts and by the switch."""
        talks = [entry.data for entry in entries if entry.kind == "ConversationEnded"]
        talk_s, hold_s = (sum(talk[name] for talk in talks) for name in ("talk_s", "hold_s"))
        wait_s = sum(entry.data["wait_s"] for entry in entries if entry.kind == "QueueExited")
        closed = next(entry for entry in entries if entry.kind == "InteractionClosed")
        whole_s = closed.at - entries[0].at
        sums = {"talk_s": talk_s, "hold_s": hold_s, "wait_s": wait_s}
        if any(abs(closed.data[name] - value) > EXACT_S for name, value in sums.items()):
            self.fail(f"sums {sums} and {closed.data}", stream)
        if min(sums.values()) < 0 or sum(sums.values()) > whole_s + 0.05:
            self.fail(f"{sums} of {whole_s} s", stream)
        name = stream.partition(":")[2]
        switch = self.centre.switch
        for what, said_s, truth_s in (
            ("talked", talk_s + hold_s, switch.talked[name]),
            ("on hold", hold_s, switch.on_hold[name]),
        ):
            if closed.data["reason"] == "switch_lost":  # as long as we know of it: to the last entry before
                truth_s = min(truth_s, said_s)
            if abs(said_s - truth_s) > self._slack_s and name not in switch.may_repeat:
                self.fail(f"{what} {said_s}, and in truth {truth_s} s", stream)
