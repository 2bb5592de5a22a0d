"""A gevent hub in a thread of its own: the application and its double run there, the test is plain Python."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import gevent
from gevent.event import Event

T = TypeVar("T")


class HubThread:
    """`run` a function in a greenlet over there and wait for it; `post` one and go on."""

    def __init__(self, name: str) -> None:
        self._work: deque[Callable[[], object]] = deque()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()
        self._begun.wait(5)

    def _main(self) -> None:
        hub = gevent.get_hub()
        self._over = Event()
        self._wake = hub.loop.async_()
        self._wake.start(self._spawn_all)
        self._begun.set()
        self._over.wait()
        self._wake.stop()
        self._wake.close()
        hub.destroy(destroy_loop=True)

    def _spawn_all(self) -> None:
        while self._work:
            gevent.spawn(self._work.popleft())

    def post(self, work: Callable[[], object]) -> None:
        self._work.append(work)
        self._wake.send()

    def run(self, work: Callable[[], T], timeout_s: float = 10.0) -> T:
        """Raises what `work` raises; TimeoutError."""
        future: Future[Any] = Future()

        def told() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it is raised in the test's thread
                future.set_exception(error)

        self.post(told)
        result: T = future.result(timeout_s)
        return result

    def stop(self) -> None:
        self.post(self._over.set)
        self._thread.join(5)
        assert not self._thread.is_alive(), "the hub's thread goes on"
