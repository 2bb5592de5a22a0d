"""Journals to project: entries as the call server writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from switch_app.core import facts
from switch_app.core.plain import kind_of, to_plain
from switch_app.core.work import Work

T0 = 1_763_900_000.25


@dataclass(frozen=True)
class Entry:
    position: int
    stream: str
    version: int
    at: float
    kind: str
    data: dict[str, Any]


@dataclass
class Story:
    """Adds facts to a journal; positions have gaps, as signals and orders lie between."""

    entries: list[Entry] = field(default_factory=list)
    at: float = T0

    def add(self, stream: str, fact: Any, after_s: float = 1.0) -> Story:
        return self.raw(stream, kind_of(fact), to_plain(fact), after_s)

    def raw(self, stream: str, kind: str, data: dict[str, Any], after_s: float = 1.0) -> Story:
        self.at += after_s
        position = self.entries[-1].position + 3 if self.entries else 1
        self.entries.append(Entry(position, stream, len(self.entries) + 1, self.at, kind, data))
        return self


def opened(id: str, ani: str = "12000000001", name: str = "caller", **more: Any) -> facts.InteractionOpened:
    return facts.InteractionOpened(
        **{"interaction": id, "channel": "voice", "direction": "inbound", "leg": f"leg-{id}", "ani": ani,
           "name": name, "dnis": "4000", "flow": "main", "version": "f00d" * 16} | more
    )  # fmt: skip


WHY = {
    "rule": "longest-idle",
    "agent": "1003",
    "candidates": [{"agent": "1003", "idle_s": 42.0}],
    "others": [],
}
CUSTOMER = {"id": 7, "number": "C10007", "name": "何志强", "tier": "gold", "priority": 20, "accounts": []}


def answered_call(story: Story, id: str = "i-1") -> Story:
    """Identified, queued, offered, missed once, talked, wrapped up, disposed of."""
    own, floor = f"interaction:{id}", "floor"
    work = Work(interaction=id, queue="billing", waiting_since=T0)
    story.add(own, opened(id)).add(own, facts.CustomerIdentified(customer=CUSTOMER, by="number"))
    story.add(own, facts.LanguageChosen("zh")).add(own, facts.SessionMoved({"keyed": "8888"}))
    story.add(own, facts.QueueEntered("billing", "billing >= 3", 20, T0))
    story.add(floor, facts.PresenceChanged("1003", "ready"))
    story.add(floor, facts.WorkQueued(id, work, "billing", T0))
    story.add(floor, facts.WorkOffered(id, "o-1", "1003", "1003", "billing", 20.0, WHY))
    story.add(own, facts.AgentConnected("o-1", "1003", "leg-2", "billing", 12.5, 3.0, f"recordings/{id}.wav"))
    story.add(own, facts.ConversationEnded("o-1", "1003", 61.0, "caller", 9.5))
    story.add(own, facts.RecordingKept(f"recordings/{id}.wav", "conversation", 61.0))
    story.add(own, facts.DispositionSet("1003", "solved", "sent the bill again"))
    return story.add(own, facts.InteractionClosed("answered", "caller hung up", 12.5, 61.0, 9.5))


def voicemail_call(story: Story, id: str = "i-2") -> Story:
    own = f"interaction:{id}"
    story.add(own, opened(id, ani="+447700900123", name="Bob"))
    story.add(own, facts.QueueEntered("sales", "", 0, T0)).add(own, facts.QueueExited("sales", "empty", 4.0))
    story.add(own, facts.VoicemailLeft(f"voicemail/{id}.wav", 9.5, "sales"))
    return story.add(own, facts.InteractionClosed("voicemail", "", 4.0, 0.0))
