"""The order in which waiting work is served: total, exact, the same in every replay.

Priority first (higher wins; `age_weight` adds points for every second of waiting), then the longest
wait (`boost_s` counts as waited), then the place of the queue, then the interaction's id. Computed
in integers, because two floats that differ only by rounding would make the order depend on when it
was asked: moments in microseconds (a kernel delivers many callers within one millisecond), weights in
millionths of a point a second, points in 1e-12.
"""

from __future__ import annotations

from ..work import QueueRule, Work

Place = tuple[int, int, str]  # sort key within a queue: does not change while the work waits
Rank = tuple[int, int, int, str]  # sort key among all queues at one moment

POINT = 10**12


def us(seconds: float) -> int:
    """Whole microseconds."""
    return round(seconds * 10**6)


def weight(rule: QueueRule) -> int:
    """Millionths of a priority point a second."""
    return round(rule.age_weight * 10**6)


def place_of(work: Work, rule: QueueRule) -> Place:
    """The work's place among those of its queue, smallest first."""
    since = us(work.waiting_since) - us(work.boost_s)
    return weight(rule) * since - work.priority * POINT, since, work.interaction


def growth(rule: QueueRule, now: float) -> int:
    """What `age_weight` has added at `now` to the priority of everything in the queue alike."""
    return weight(rule) * us(now)


def across(place: Place, grown: int, queue_place: int) -> Rank:
    """The place among all queues, smallest first. grown: growth() of its queue."""
    return place[0] - grown, place[1], queue_place, place[2]
