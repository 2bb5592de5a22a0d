"""What routing is about, as data: a work item, an agent's profile, a queue's rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from .record import record


@record
class Work:
    """One interaction that wants an agent.

    needs: an expression over skills and levels, e.g. "billing >= 5 and mandarin" ("" = anybody);
    a bare skill name means level >= 1. waiting_since orders the queue and never restarts.
    customer: its number, or "" (last-agent-first looks there). tier: the customer's class, or "".
    """

    interaction: str
    queue: str
    waiting_since: float
    priority: int = 0
    needs: str = ""
    boost_s: float = 0.0
    channel: str = "voice"
    customer: str = ""
    language: str = "zh"
    tier: str = ""


@record
class AgentProfile:
    """An agent as the CRM knows it. skills: name -> level 1..10."""

    agent: str  # number, e.g. "1001"
    name: str
    skills: Mapping[str, int] = field(default_factory=dict)
    order: int = 0  # rank for the choice `ordered`


@record
class Relaxation:
    """From `after_s` in the queue on, `needs` holds instead of the work's own."""

    after_s: float
    needs: str


@record
class TierRule:
    """What a queue does otherwise for customers of one tier; "" and 0: as for everybody."""

    choice: str = ""
    skill: str = ""
    service_level_s: float = 0.0


@record
class QueueRule:
    """A queue, as conf/queues.yml says it.

    choice: longest-idle | best-skill | least-skilled-sufficient | round-robin | last-agent-first |
    ordered | fewest-calls | least-talk | random (acd/choice.py).
    needs: added to every work item's own (and). age_weight: priority points a second of waiting.
    max_wait_s: 0 = no limit. overflow: another queue's name, or "" (then the work gives up).
    empty_means: states of an agent that count as not there, besides logged_out: not_ready, wrap_up,
    ringing, missed, talking. join_when_empty is asked on entry, leave_when_empty when somebody goes.
    max_no_answer: misses in a row until not_ready, 0 = never. announce_every_s: 0 = no announcements.
    tiers: name of a tier -> what is otherwise for its customers.
    """

    name: str
    title: Mapping[str, str] = field(default_factory=dict)  # language -> text
    needs: str = ""
    choice: str = "longest-idle"
    skill: str = ""  # which skill best-skill compares; "" = the sum over the needs' skills
    age_weight: float = 0.0
    ring_s: float = 20.0
    wrap_up_s: float = 10.0
    no_answer_delay_s: float = 10.0
    max_no_answer: int = 3
    max_wait_s: float = 0.0
    max_waiting: int = 0
    overflow: str = ""
    join_when_empty: bool = False
    leave_when_empty: bool = True
    empty_means: tuple[str, ...] = ("logged_out",)
    announce_every_s: float = 30.0
    announce_first_s: float = 5.0
    music: str = "music"
    relax: tuple[Relaxation, ...] = ()
    service_level_s: float = 20.0
    tiers: Mapping[str, TierRule] = field(default_factory=dict)

    def of(self, tier: str) -> QueueRule:
        """The rule for a customer of this tier."""
        own = self.tiers.get(tier)
        if own is None:
            return self
        return replace(
            self,
            choice=own.choice or self.choice,
            skill=own.skill or self.skill,
            service_level_s=own.service_level_s or self.service_level_s,
            tiers={},
        )
