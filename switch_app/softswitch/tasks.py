"""Coroutines on our own loop: the smallest set that a channel's thread of control needs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from .loop import Loop

T = TypeVar("T")
log = logging.getLogger("softswitch.tasks")


class Future(Generic[T]):
    """A value that comes later. Setting it a second time is ignored (the first answer counts)."""

    __slots__ = ("_calls", "_value", "done")

    def __init__(self) -> None:
        self._calls: list[Callable[[], None]] = []
        self._value: T | None = None
        self.done = False

    def set(self, value: T | None = None) -> None:
        if self.done:
            return
        self._value, self.done = value, True
        calls, self._calls = self._calls, []
        for call in calls:
            call()

    @property
    def value(self) -> T | None:
        return self._value

    def when_done(self, call: Callable[[], None]) -> None:
        """Run `call()` at the moment of `set`, or at once when it is set already."""
        if self.done:
            call()
        else:
            self._calls.append(call)

    def ignore(self, call: Callable[[], None]) -> None:
        """Take back a `when_done`."""
        if call in self._calls:
            self._calls.remove(call)

    def __await__(self) -> Generator[Future[T], None, T | None]:
        if not self.done:
            yield self
        return self._value


class Task:
    """Runs a coroutine that awaits Futures. `finished` is set at its end; a bug in it is logged."""

    def __init__(self, loop: Loop, coroutine: Coroutine[Any, Any, Any], name: str = "") -> None:
        self._loop, self._coroutine, self._name = loop, coroutine, name
        self.finished: Future[Any] = Future()
        loop.soon(self._step)

    def _step(self) -> None:
        try:
            future = self._coroutine.send(None)
        except StopIteration as end:
            self.finished.set(end.value)
        except Exception:
            log.exception("bug: task %s failed", self._name)
            self.finished.set(None)
        else:
            future.when_done(self._resume)

    def _resume(self) -> None:
        self._loop.soon(self._step)


async def first(loop: Loop, *futures: Future[Any], timeout_s: float | None = None) -> bool:
    """Wait until one of the futures is set. False when the time is over before that."""
    any_done: Future[bool] = Future()
    wake = any_done.set

    def ready() -> None:
        wake(True)

    for future in futures:
        future.when_done(ready)
    timer = loop.later(timeout_s, wake, False) if timeout_s is not None else None
    result = await any_done
    if timer is not None:
        timer.cancel()
    for future in futures:
        future.ignore(ready)
    return bool(result)


async def sleep(loop: Loop, delay_s: float) -> None:
    over: Future[None] = Future()
    loop.later(delay_s, over.set)
    await over
