"""The state of the floor: queues, agents, items of work. Plain data; the index is derived from it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter

from ..work import AgentProfile, QueueRule, Work

READY = ("ready", "ready_once")
LOGGED_OUT = "logged_out"
IN_TALK = ("talking", "held")  # with a customer, who is on hold or not
NOT_THEIRS = ("switch_lost", "congestion")  # why an offer fails that the agent has no part in
NOT_READY = ("not_ready", "missed", "offered", *IN_TALK, "wrap_up")  # logged in, and gets nothing now
STATES = (LOGGED_OUT, *READY, *NOT_READY)


@dataclass(slots=True)
class Agent:
    """One agent. `until` is the deadline of a transient state (offered, missed, wrap_up).

    mode: what the agent was before an offer, ready or ready_once. after, after_reason: the presence
    asked for during a call, "" = by `mode`. idle_since: the start of the last idle time; an offer
    that the floor or the customer took back does not restart it. missed: offers not taken in a row.
    hold_s: of the talk under way, holds that are over. calls, talk_s: of the day, talk_s with holds.
    """

    profile: AgentProfile
    state: str = LOGGED_OUT
    reason: str = ""
    contact: str = ""
    since: float = 0.0
    until: float | None = None
    mode: str = "ready"
    after: str = ""
    after_reason: str = ""
    interaction: str = ""
    idle_since: float = 0.0
    missed: int = 0
    hold_s: float = 0.0
    calls: int = 0
    talk_s: float = 0.0
    on_roster: bool = True

    @property
    def id(self) -> str:
        return self.profile.agent

    @property
    def available(self) -> bool:
        return self.state in READY

    @property
    def in_talk(self) -> bool:
        return self.state in IN_TALK

    def copied(self) -> Agent:
        """As copy.copy, in a fifth of the time: midnight copies everybody."""
        return Agent(*_fields(self))


_fields = attrgetter(*(field.name for field in fields(Agent)))


@dataclass(slots=True)
class Item:
    """One piece of work on the floor. state: waiting | offered | talking.

    step: relaxation steps that have begun. path: queues of this wait, in order; none is entered
    twice. told: the best position announced in this queue, 0 = none yet.
    """

    work: Work
    queue: str
    queue_entered_at: float
    path: tuple[str, ...]
    state: str = "waiting"
    step: int = 0
    offer: str = ""
    agent: str = ""
    offered_at: float = 0.0
    accepted_at: float = 0.0
    told: int = 0
    told_at: float | None = None

    @property
    def id(self) -> str:
        return self.work.interaction

    @property
    def waiting(self) -> bool:
        return self.state == "waiting"


@dataclass(frozen=True, slots=True)
class Tally:
    """Figures of the day. in_time, early: answered, and abandoned, within the service level."""

    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    early: int = 0


@dataclass(slots=True)
class Queue:
    """A queue and its figures of the day. holding: items waiting or offered; talking: accepted.

    place: rank in the configuration. retired: deleted there, but items of it still ring or talk.
    turn: (order, agent) of the last offer, for round-robin. in_time, early: answered, and abandoned,
    within the service level. gaps: recent seconds between answers while somebody waited.
    by_tier: of the customers of one tier; replaced, never changed, because queues are copied flat.
    """

    rule: QueueRule
    place: int
    retired: bool = False
    holding: int = 0
    talking: int = 0
    turn: tuple[int, str] | None = None
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    early: int = 0
    gaps: tuple[float, ...] = ()
    answered_at: float | None = None
    by_tier: dict[str, Tally] = field(default_factory=dict)


@dataclass(slots=True)
class Tables:
    """All that a snapshot holds. version: facts folded in. day: local date of the figures of the day.

    memory: customer -> the agent who talked with them last, oldest first, at most MEMORY entries.
    """

    version: int = 0
    day: str = ""
    seed: int = 0
    queues: dict[str, Queue] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    memory: dict[str, str] = field(default_factory=dict)


MEMORY = 10_000
