"""A busy hub makes way for the thread that it waits for.

A hub that never idles lets go of the interpreter's lock at every turn of its loop, but takes it again before
another thread is awake; and as that thread was woken, its wait never times out, so that it never asks for
the lock either (CPython, ceval_gil.c, take_gil). A commit of 200 rows was seen to take more than 20 s.
"""

from __future__ import annotations

from time import monotonic, sleep

import gevent

PATIENCE_S = 0.001  # most waits are over by then, because the hub idles
WAY_S = 0.0001  # asleep: long enough to lose the lock


class Way:
    """`wait()` and `over()` count what is waited for; meanwhile a turn of the loop may take a moment more."""

    def __init__(self) -> None:
        self._waits = 0
        self._since = 0.0
        self._turn = gevent.get_hub().loop.prepare(ref=False)

    def wait(self) -> None:
        self._waits += 1
        if self._waits == 1:
            self._since = monotonic()
            self._turn.start(self._make_way)

    def over(self) -> None:
        self._waits -= 1
        self._since = monotonic()
        if self._waits == 0:
            self._turn.stop()

    def close(self) -> None:
        self._turn.stop()
        self._turn.close()

    def _make_way(self) -> None:
        if monotonic() - self._since > PATIENCE_S:
            sleep(WAY_S)
