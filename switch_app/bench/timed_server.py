"""The call server with a stopwatch: `python -m switch_app.bench.timed_server` in place of `hotline serve`.

From the moment in which an event was read from the switch to the moment in which the commands that it
caused are written, their facts committed in between. The measurements go to the file HOTLINE_BENCH_TIMES.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from time import monotonic
from typing import Any

import gevent

from ..bootstrap import process, serving
from ..runtime.journal import Batch, Journal
from ..runtime.turn import Turns
from ..settings import load
from ..switches.transport import Transport

VARIABLE = "HOTLINE_BENCH_TIMES"
COMMANDS = ("Answer", "Play", "StopPlay", "CallAgent", "Join", "HangUp", "StopRecording")  # orders that write
LAG_EVERY_S = 0.01


class Stopwatch:
    """times: kind of order -> [(seconds to the written command, of which to the commit's return)]."""

    def __init__(self) -> None:
        self.times: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.lags: list[float] = []  # how late a timer of the hub is
        self.heard_at = 0.0

    def follow(self, batch: Batch) -> None:
        """Measure a batch that is on its way to the journal."""
        kinds = {row[4] for row in batch.rows if row[3] == "order"}.intersection(COMMANDS)
        carry_out, heard_at = batch.then, self.heard_at or monotonic()
        if not kinds or carry_out is None:
            return

        def then() -> None:
            committed_s = monotonic() - heard_at
            carry_out()
            written_s = monotonic() - heard_at
            for kind in kinds:
                self.times[kind].append((written_s, committed_s))

        batch.then = then

    def watch_hub(self) -> None:
        while True:
            begun = monotonic()
            gevent.sleep(LAG_EVERY_S)
            self.lags.append(monotonic() - begun - LAG_EVERY_S)


def install(watch: Stopwatch) -> None:
    """Put it into the classes that the call server is made of."""

    class TimedTurns(Turns):
        def take(self, stream: str, signal: Any) -> list[Any]:
            if watch.heard_at:
                return super().take(stream, signal)
            watch.heard_at = monotonic()  # a timer, a new connection
            try:
                return super().take(stream, signal)
            finally:
                watch.heard_at = 0.0

    class TimedJournal(Journal):
        def append(self, batch: Batch) -> None:
            watch.follow(batch)
            super().append(batch)

    take_all = Transport._take_all

    def timed_take_all(self: Transport, data: bytes) -> str:
        watch.heard_at = self._heard_at
        try:
            return take_all(self, data)
        finally:
            watch.heard_at = 0.0

    process.Turns, process.Journal = TimedTurns, TimedJournal  # type: ignore[misc]
    Transport._take_all = timed_take_all  # type: ignore[method-assign]


def main() -> None:
    watch = Stopwatch()
    install(watch)
    gevent.spawn(watch.watch_hub)
    serving.serve(load())
    Path(os.environ[VARIABLE]).write_text(json.dumps({"times": watch.times, "lags": watch.lags}))


if __name__ == "__main__":
    main()
