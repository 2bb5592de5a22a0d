"""What a waiting caller is told: the position, when it has improved, and how long it may take."""

from __future__ import annotations

from bisect import bisect_left
from statistics import median

from .. import facts as f
from .. import signals as s
from .draft import Draft
from .names import tell_timer
from .order import place_of
from .state import Item, Queue
from .tables import Floor

SOON_S = 5.0  # until another try, when a phone rings for the caller
LEAST_GAPS = 3  # answers while somebody waited, before an estimate means anything


def tell(draft: Draft, interaction: str) -> None:
    """The announcement is due. While a phone rings for the caller nothing is said."""
    item = draft.item(interaction)
    if not item or item.state == "talking":
        return
    queue = draft.queue_of(item)
    if queue.rule.announce_every_s <= 0:
        return
    every_s = queue.rule.announce_every_s
    draft.start_timer(tell_timer(item.id), draft.now + (every_s if item.waiting else min(SOON_S, every_s)))
    if not item.waiting:
        return
    position = position_of(draft.floor, item)
    if item.told and position >= item.told:
        return
    estimate_s = estimate(queue, position, draft.now)
    draft.fact(f.CallerTold(item.id, "position", position, estimate_s))
    draft.tell(item.id, s.QueueTold("position", position, estimate_s))


def position_of(floor: Floor, item: Item) -> int:
    """1 = next. Counted among the waiting work of the same queue, whatever it needs."""
    place = place_of(item.work, floor.tables.queues[item.queue].rule)
    return 1 + sum(bisect_left(line.work, place) for line in floor.index.lines[item.queue].values())


def estimate(queue: Queue, position: int, now: float) -> float | None:
    """Seconds to the answer, in whole half minutes; None when too little is known.

    Position times the median gap of the last answers that others waited behind. The gap that is
    still open counts as soon as it is longer, so that a stalled queue does not promise the past.
    """
    if len(queue.gaps) < LEAST_GAPS or queue.answered_at is None:
        return None
    gap_s = max(median(queue.gaps), now - queue.answered_at)
    return 30.0 * max(1, round(position * gap_s / 30.0))
