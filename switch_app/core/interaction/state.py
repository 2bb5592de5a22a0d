"""The state of one interaction: the fold of its facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..signals import QueueTold
from ..work import Work


class Phase(Enum):
    """Where the contact is. Every phase but TALKING has a deadline or another stream that owns one."""

    NEW = "new"
    FLOW = "flow"  # the flow's session holds the caller; its waits have timers
    WAITING = "waiting"  # in a queue; the floor owns the wait
    RINGING = "ringing"  # in a queue, an agent's phone rings (deadlines.py)
    JOINING = "joining"  # the agent answered, the bridge is being made (deadlines.py)
    TALKING = "talking"  # the reconciler compares with the switch
    PARTED = "parted"  # the talk is over, the caller is on the way back (deadlines.py)
    LEAVING = "leaving"  # hang-up ordered or caller gone, its end is awaited (deadlines.py)
    CLOSED = "closed"


@dataclass(slots=True)
class Offer:
    """An agent's phone that is being called, or is connected, for this interaction."""

    offer: str
    agent: str
    contact: str
    leg: str
    rung_at: float
    ring_s: float
    join_ref: str = ""
    answered_at: float | None = None
    joining_at: float | None = None
    connected_at: float | None = None
    held_at: float | None = None  # since when the agent has the customer on hold
    hold_s: float = 0.0  # of the holds that are over
    recording: str = ""


@dataclass(slots=True)
class Interaction:
    """`version` counts the facts folded in: refs and leg ids derive from it."""

    interaction: str = ""
    version: int = 0
    phase: Phase = Phase.NEW
    phase_at: float = 0.0
    channel: str = "voice"
    direction: str = "inbound"
    leg: str = ""
    leg_up: bool = False
    leg_end: str = ""  # neutral reason once the caller's leg is gone
    left_at: float = 0.0  # and since when
    ani: str = ""
    name: str = ""
    dnis: str = ""
    flow: str = ""
    flow_version: str = ""
    language: str = ""
    customer: dict[str, Any] | None = None
    session: dict[str, Any] | None = None
    flow_ended: str = ""
    queue: str = ""
    queue_priority: int = 0
    queue_needs: str = ""
    boost_s: float = 0.0
    leave_keys: str = ""
    music: str = ""
    position_words: tuple[str, ...] = ()
    waiting_since: float | None = None
    announcing: str = ""  # ref of the announcement that plays
    put_off: QueueTold | None = None  # to be said after it
    offer: Offer | None = None
    connected: int = 0  # talks so far
    onward: str = ""  # the queue that the caller is passed on to, until it is entered
    agent: str = ""  # the last agent that talked
    wait_s: float = 0.0
    talk_s: float = 0.0  # without hold_s
    hold_s: float = 0.0
    voicemail: str = ""
    recordings: dict[str, bool] = field(default_factory=dict)  # of talks: path -> whether its end is known
    gave_up: str = ""
    transferred: bool = False
    released: str = ""  # why we ended the caller's leg
    crashes: int = 0
    opened_at: float = 0.0
    outcome: str = ""
    collected: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The path of the message that the flow waits for, while it is recorded; "" when none is."""
        wait = (self.session or {}).get("wait") or {}
        return str(wait["path"]) if wait.get("for") == "record" else ""

    def work(self, waiting_since: float) -> Work:
        """What the floor is to know of it, told again."""
        return Work(
            interaction=self.interaction,
            queue=self.queue,
            waiting_since=waiting_since,
            priority=self.queue_priority,
            needs=self.queue_needs,
            boost_s=self.boost_s,
            customer=str((self.customer or {}).get("number", "")),
            language=self.language or "zh",
            tier=str((self.customer or {}).get("tier", "")),
        )
