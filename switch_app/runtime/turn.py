"""The turn: take a signal, decide, append facts and orders, and after the commit carry them out.

    signal -> decide -> evolve -> journal -> (committed) -> ports -> their results come as signals

Runs on the hub without a yield, so there is one writer for every stream. Signals between streams
are decided in the same batch; an outside order waits for the commit that holds every fact behind it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import orjson

from switch_app.core import facts as f
from switch_app.core import interaction as contact
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.names import DAY
from switch_app.core.decision import Decision
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.interaction.discretion import discreet_order, discreet_signal
from switch_app.core.interaction.fallback import fallback
from switch_app.core.plain import kind_of, to_json
from switch_app.core.world import QueueFigures, World

from .folding import fold_fact
from .journal import Batch, Journal, Row

log = logging.getLogger(__name__)

FLOOR = "floor"
SNAPSHOT_EVERY = 1000  # facts of the floor
ROUNDS = 1000  # signals that one signal may cause before we call it a loop


class Port(Protocol):
    """Carries out orders of some classes. `stream` is where the result signal belongs."""

    def carry_out(self, stream: str, order: Any) -> None: ...


class Turns:
    """All streams of this process, and the ports by class of order."""

    def __init__(
        self,
        journal: Journal,
        now: Callable[[], float],
        world: Callable[[float, Mapping[str, QueueFigures]], World],
        load: Callable[[str], Interaction | None],
    ) -> None:
        self.journal, self.now, self._world, self._load = journal, now, world, load
        self.ports: dict[type, Port] = {}
        self.interactions: dict[str, Interaction] = {}
        self.floor: acd.Floor = acd.Floor()
        self._over: dict[str, int] = {}  # closed, and to be forgotten once that is on disk: stream -> version
        self.watchers: list[Callable[[str, Any, float], None]] = []  # told of each fact, on the hub

    # --- the turn --------------------------------------------------------------------------------------
    def take(self, stream: str, signal: Any) -> list[Any]:
        """Decide a signal and all that it causes in other streams. Gives the facts back."""
        now = self.now()
        rows: list[Row] = []
        outside: list[tuple[str, Any]] = []
        told: list[Any] = []
        queue = deque([(stream, signal)])
        snapshot_due = False
        touched: set[str] = set()
        for _ in range(ROUNDS):
            if not queue:
                break
            at_stream, at_signal = queue.popleft()
            touched.add(at_stream)
            decision = self._decide(at_stream, at_signal, now)
            if decision is None:
                continue
            before = self.interactions.get(at_stream)
            if decision.facts or decision.orders:
                rows.append(_row(at_stream, 0, now, "signal", discreet_signal(before, at_signal)))
            for fact in decision.facts:
                version = self._evolve(at_stream, fact, now)
                rows.append(_row(at_stream, version, now, "fact", fact))
                snapshot_due |= at_stream == FLOOR and version % SNAPSHOT_EVERY == 0
            told.extend(decision.facts)
            for order in decision.orders:
                if isinstance(order, o.ToFloor):
                    queue.append((FLOOR, order.signal))
                elif isinstance(order, o.ToInteraction):
                    queue.append((f"interaction:{order.interaction}", order.signal))
                else:
                    after = self.interactions.get(at_stream)
                    rows.append(_row(at_stream, 0, now, "order", discreet_order(before, after, order)))
                    outside.append((at_stream, order))
        else:
            log.error("signals go round in circles at %s: %s", stream, kind_of(signal))
        closed = self._closed(touched)
        if rows or closed:
            batch = Batch(rows, lambda: self._committed(closed, outside))
            if snapshot_due:
                batch.snapshot = self.floor_snapshot()
            self.journal.append(batch)
        return told

    def begin_day(self) -> None:
        """When midnight has passed: the figures of the day start at zero, though nobody calls yet."""
        if self._world(self.now(), {}).local.date != self.floor.tables.day:
            self.take(FLOOR, s.TimerFired(DAY))

    def _decide(self, stream: str, signal: Any, now: float) -> Decision | None:
        world = self._world(now, Figures(self.floor, now))
        if stream == FLOOR:
            return self._decide_floor(signal, now, world)
        state = self.state_of(stream)
        if state is None:
            if not isinstance(signal, (s.CallArrived, s.CallerNeverReached)):
                return None
            state = self.interactions[stream] = Interaction()
        try:
            return contact.decide(state, signal, now, world)
        except Exception as error:
            log.exception("turn crashed in %s at %s", stream, kind_of(signal))
            return fallback(state, signal, error, now, world)

    def _decide_floor(self, signal: Any, now: float, world: World) -> Decision | None:
        try:
            return acd.decide(self.floor, signal, now, world)
        except Exception as error:
            log.exception("turn crashed on the floor at %s", kind_of(signal))
            return Decision([f.TurnCrashed(kind_of(signal), repr(error)[:300], "signal dropped")])

    def _evolve(self, stream: str, fact: Any, now: float) -> int:
        if stream == FLOOR:
            fold_fact(acd.evolve, self.floor, fact, now)
            version = self.floor.tables.version
        else:
            state = self.interactions[stream]
            fold_fact(contact.evolve, state, fact, now)
            version = state.version
        for watcher in self.watchers:
            watcher(stream, fact, now)
        return version

    def _carry_out(self, outside: list[tuple[str, Any]]) -> None:
        for stream, order in outside:
            port = self.ports.get(type(order))
            if port is None:
                log.error("no port for %s of %s", kind_of(order), stream)
                continue
            try:
                port.carry_out(stream, order)
            except Exception:
                log.exception("port failed at %s of %s", kind_of(order), stream)

    def _closed(self, streams: set[str]) -> dict[str, int]:
        """The versions of those that are closed, or that a bug kept from being opened."""
        states = {stream: self.interactions.get(stream) for stream in streams}
        over = (Phase.CLOSED, Phase.NEW)
        return {n: state.version for n, state in states.items() if state and state.phase in over}

    def _committed(self, closed: dict[str, int], outside: list[tuple[str, Any]]) -> None:
        """Forget what is closed: not before it is on disk, or a late signal would fold it without its end."""
        self._over |= closed
        if not self.journal.alarm:
            self.forget_closed()
        self._carry_out(outside)

    def forget_closed(self) -> None:
        """Also when the disk takes entries again: until then they stay in memory."""
        for stream, version in self._over.items():
            state = self.interactions.get(stream)
            if state is not None and state.version == version:
                del self.interactions[stream]
        self._over.clear()

    # --- states ------------------------------------------------------------------------------------------
    def state_of(self, stream: str) -> Interaction | None:
        """The state in memory, or a closed one folded again from the journal, or None."""
        state = self.interactions.get(stream)
        if state is None:
            state = self._load(stream)
            if state is not None:
                self.interactions[stream] = state
        return state

    def floor_snapshot(self) -> tuple[str, int, str]:
        """(stream, version, JSON) for the journal."""
        return FLOOR, self.floor.tables.version, written(self.floor.tables)


class Figures(Mapping[str, QueueFigures]):
    """The queues' figures for one decision, worked out only when it looks at them."""

    __slots__ = ("_floor", "_found", "_now")

    def __init__(self, floor: acd.Floor, now: float) -> None:
        self._floor, self._now = floor, now
        self._found: dict[str, QueueFigures] | None = None

    def _all(self) -> dict[str, QueueFigures]:
        if self._found is None:
            self._found = acd.figures(self._floor, self._now)
        return self._found

    def __getitem__(self, queue: str) -> QueueFigures:
        return self._all()[queue]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _row(stream: str, version: int, at: float, what: str, record: Any) -> Row:
    return stream, version, at, what, kind_of(record), written(record)


def written(record: Any) -> str:
    """A record as JSON: what to_json writes, for nearly all records in a third of the time."""
    try:
        return orjson.dumps(record).decode()
    except TypeError:  # e.g. a whole number of more than 64 bits
        return to_json(record).decode()
