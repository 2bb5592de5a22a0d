"""The supervisor's loop: children's output, their deaths, signals and restarts in one selector."""

from __future__ import annotations

import math
import os
import selectors
import signal
import time
from collections.abc import Callable, Sequence

from .child import Child

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TURN_S = 1.5  # a turn of the end takes at most so long: then the next ones are told
KILL_AFTER_S = 4.0
START_S = 60.0
TRIES_AT_START = 3
SLEPT_S = 10.0  # a turn that took so long: the machine, or we, stood still, and not the children


class StartFailed(Exception):
    """A child did not come up. code: the exit code for the supervisor."""

    def __init__(self, child: Child, code: int) -> None:
        super().__init__(child.program.name)
        self.child = child
        self.code = code


class Watch:
    """Keeps children alive until a signal comes. They end in reverse order of `children`, the first last.

    tell: called when something has changed; it says whether it could tell, and is asked again until it could.
    """

    def __init__(self, children: Sequence[Child], tell: Callable[[], bool]) -> None:
        self.children = children
        self._tell = tell
        self._told = True
        self._selector = selectors.DefaultSelector()
        self.ending = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)

    def take_signals(self) -> None:
        """From here on the signals that end a program are taken by the loop."""
        for number in (*END_SIGNALS, signal.SIGCHLD):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._signalled)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def until_ready(self) -> bool:
        """Start all and wait until each has said ready. False: a signal came first. Raises StartFailed."""
        deadline = time.monotonic() + START_S
        while not self.ending and not all(child.ready for child in self.children):
            self._turn(0.5)
            for child in self.children:
                if child.ready or child.exit_code is None:
                    continue
                if child.exit_code == 2 or child.restarts >= TRIES_AT_START:
                    raise StartFailed(child, 2 if child.exit_code == 2 else 1)
            if time.monotonic() > deadline:
                raise StartFailed(next(child for child in self.children if not child.ready), 1)
        return not self.ending

    def until(self, holds: Callable[[], bool], longest_s: float = math.inf, every_s: float = 0.2) -> bool:
        """Keep the children alive until `holds()`. False: the time is over, or a signal came first."""
        deadline = time.monotonic() + longest_s
        while not self.ending and time.monotonic() < deadline:
            if holds():
                return True
            self._turn(every_s)
        return False

    def until_told(self) -> None:
        """Keep the children alive until a signal says end."""
        while not self.ending:
            self._turn(5.0)

    def end(self) -> None:
        """End all within five seconds, turn by turn (Program.ends)."""
        begun = time.monotonic()
        for turn in sorted({child.program.ends for child in self.children}):
            now_due = [child for child in self.children if child.program.ends == turn]
            for child in now_due:
                child.tell_to_end()
            self._wait(now_due, time.monotonic() + TURN_S)
        self._wait(self.children, begun + KILL_AFTER_S)
        for child in self.children:
            child.kill()
        self._wait(self.children, begun + KILL_AFTER_S + 0.5)
        self._changed()

    def _wait(self, children: Sequence[Child], deadline: float) -> None:
        while time.monotonic() < deadline:
            for child in children:
                if self._reap(child):
                    child.note(f"ended with {child.exit_code}")
            if all(child.process is None for child in children):
                return
            self._poll(0.05)

    def _turn(self, longest_s: float) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.start_due is not None and child.start_due <= now and self._may_start(child):
                child.start()
                self._selector.register(child.output(), selectors.EVENT_READ, child.read)
                self._selector.register(child.pulse(), selectors.EVENT_READ, child.feel)
                self._changed()
        waits = [
            child.start_due - now for child in self.children if child.start_due and child.start_due > now
        ]
        was_ready = [child.ready for child in self.children]
        self._poll(max(0.0, min([longest_s, *waits])))
        slept = time.monotonic() - now > SLEPT_S
        for child in self.children:
            child.forgive() if slept else child.kill_if_hung()
            if self._reap(child):
                child.plan_restart()
                self._changed()
        if not self._told or was_ready != [child.ready for child in self.children]:
            self._changed()

    def _changed(self) -> None:
        self._told = self._tell()

    def _may_start(self, child: Child) -> bool:
        return not child.program.last or all(each.ready for each in self.children if not each.program.last)

    def _poll(self, longest_s: float) -> None:
        for key, _ in self._selector.select(longest_s):
            if key.data is None:
                self._drain()
            elif not key.data():
                self._selector.unregister(key.fd)

    def _reap(self, child: Child) -> bool:
        if not child.has_ended:
            return False
        for descriptor in (child.output(), child.pulse()):
            if descriptor in self._selector.get_map():
                self._selector.unregister(descriptor)
        child.collect()
        return True

    def _drain(self) -> None:
        try:
            while os.read(self._wake_read, 512):
                pass
        except BlockingIOError:
            pass

    def _signalled(self, number: int, frame: object) -> None:
        if number in END_SIGNALS:
            self.ending = True
