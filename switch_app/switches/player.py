"""One caller's ears: at most one playback at a time on a leg, each with exactly one result.

FreeSWITCH would run a second `execute` inside the first (an async socket is polled while a file
plays), so the next sound waits until the broken one has completed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic

from switch_app.core.flow.spoken import is_token
from switch_app.core.orders import Play
from switch_app.core.signals import PlayEnded
from switch_app.esl.message import Event

log = logging.getLogger(__name__)

MISSING = "FILE NOT FOUND"
BEGUN_S = 1.0  # a switch that has not begun a sound by then does not read that it is to be broken off either
BROKEN = "PLAYBACK ERROR"  # a bridge or a transfer has taken the leg away (mod_dptools.c, playback_function)

Files = Sequence[str]
Speak = Callable[[Files, Callable[[Files], None]], Callable[[], None]]
"""Make files of a Play's tokens (core.flow.spoken) and tell all its sounds, always, within seconds and
never before it returns; what it returns makes it forget the matter: then it tells nothing any more."""


class Player:
    """`execute(app, arg, event_uuid)` and `stop()` act on the leg, `tell` takes the results.

    A sound that must be spoken first is the running one already while the voice speaks.
    """

    def __init__(
        self,
        execute: Callable[[str, str, str], None],
        stop: Callable[[], None],
        playable: Callable[[Play], str],
        tell: Callable[[PlayEnded], object],
        speak: Speak | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._execute, self._stop, self._playable, self._tell = execute, stop, playable, tell
        self._speak, self._now = speak, now
        self._running: Play | None = None
        self._next: Play | None = None
        self._forget: Callable[[], None] | None = None  # while the voice speaks for the running one
        self._stopping = self._held = False
        self._cut = False  # the running one is broken off: to stop, or for a bridge
        self._quiet: Callable[[], object] | None = None  # called when what plays has ended, for a bridge
        self._rounds = 0  # of an endless sound: each is an execute of its own
        self._asked_at = 0.0  # the switch for the running one

    def play(self, order: Play) -> None:
        """Play, after stopping what plays."""
        if self._running is None and not self._held:
            self._begin(order)
            return
        replaced, self._next = self._next, order
        self.stop()
        self._dropped(replaced)

    def stop(self) -> None:
        """Break what plays; its completion brings the result `stopped`."""
        if self._running is None or self._stopping:
            return
        self._stopping = True
        if self._forget is None:
            self._break_off()
        else:
            self._unheard()
            self._ended(self._running, "")

    @property
    def stopping(self) -> str:
        """Which sound is to stop and has not yet ("": none): a new word for each."""
        return self._tag(self._running) if self._running is not None and self._cut else ""

    def hold(self, quiet: Callable[[], object]) -> None:
        """A bridge is to take the leg: `quiet()` when the switch has nothing left to begin there, no sound
        before `release`. What is cut off for it begins again should there be no bridge.

        FreeSWITCH carries out inside the bridge what it has not begun before it (switch_ivr_bridge.c,
        audio_bridge_thread parses the leg's events): the two would hear music instead of each other.
        """
        self._held = True
        begun = self._now() - self._asked_at > BEGUN_S
        if self._running is None or self._forget is not None or begun:
            quiet()  # the bridge ends it
            return
        self._quiet = quiet
        self._break_off()

    def _break_off(self) -> None:
        """Once for a sound; `stopping` says until when it is to be tried again."""
        if not self._cut:
            self._cut = True
            self._stop()

    def release(self) -> None:
        """There is no bridge after all: what waited begins."""
        self._held, self._quiet = False, None
        if self._running is None and self._next is not None:
            order, self._next = self._next, None
            self._begin(order)

    def go_on(self) -> None:
        """The bridge that waits for silence waits no longer."""
        quiet, self._quiet = self._quiet, None
        if quiet is not None:
            quiet()

    def silence(self) -> None:
        """Stop all: what plays and what was to come."""
        replaced, self._next = self._next, None
        self.stop()
        self._dropped(replaced)

    def _dropped(self, order: Play | None) -> None:
        """It never began. Told last of all: the flow may play the next sound in the middle of it."""
        if order is not None:
            self._tell(PlayEnded(order.ref, "stopped"))

    def completed(self, event: Event) -> bool:
        """A CHANNEL_EXECUTE_COMPLETE; True if it was ours."""
        running = self._running
        if running is None or self._forget or event.get("Application-UUID") != self._tag(running):
            return False
        if event.get("Answer-State", "") == "hangup":
            return True  # the leg's end is what happened, and the control line tells that
        response = event.get("Application-Response", "")
        if response == BROKEN:
            self.taken()
            return True
        if response == MISSING or self._stopping or not (running.endless or self._cut):
            self._ended(running, MISSING if response == MISSING else "")
        elif self._held:
            self._set_aside(running)
        else:
            self._cut = False
            self._rounds += 1
            self._run(running)
        return True

    def _set_aside(self, order: Play) -> None:
        """It is played should there be no bridge."""
        self._running, self._next, self._cut = None, order, False
        self.go_on()

    def refused(self, event_uuid: str) -> None:
        """The switch did not take the playback."""
        if self._running is not None and not self._forget and event_uuid == self._tag(self._running):
            self._ended(self._running, "refused")

    def _ended(self, running: Play, failure: str) -> None:
        self._running = None
        result = "failed" if failure else "stopped" if self._stopping else "done"
        self._stopping = self._cut = False
        if failure:
            log.error("sound %s: %s", running.sounds, failure)
        following, self._next = self._next, None
        self._tell(PlayEnded(running.ref, result, failure))
        if following is not None:
            self._follow(following)
        self.go_on()

    def _follow(self, order: Play) -> None:
        if not self._idle():  # the result has led to a newer Play
            self._tell(PlayEnded(order.ref, "stopped"))
        elif self._held:
            self._next = order
        else:
            self._begin(order)

    def gone(self) -> None:
        """The socket is gone: the leg's end, or its way back into the socket, is what comes next."""
        self._unheard()
        self._running = self._next = None
        self._stopping = self._cut = False
        self.go_on()

    def taken(self) -> None:
        """The leg hears somebody else from now on: what plays, and what was to come, is stopped."""
        left = [order for order in (self._running, self._next) if order is not None]
        self.gone()
        for order in left:
            self._tell(PlayEnded(order.ref, "stopped"))

    def _idle(self) -> bool:
        return self._running is None and self._next is None

    def _begin(self, order: Play) -> None:
        self._rounds, self._stopping, self._cut = 0, False, False
        self._running = order
        if self._speak is not None and any(map(is_token, order.sounds)):
            self._forget = self._speak(order.sounds, partial(self._spoken, order))
        else:
            self._run(order)

    def _spoken(self, order: Play, files: Files) -> None:
        """The voice is done, or has given up: a tone stands for what it did not speak."""
        if self._forget is None or self._running is not order:
            return
        self._forget = None
        ready = replace(order, sounds=tuple(files))
        if self._held:
            self._set_aside(ready)
        else:
            self._running = ready
            self._run(ready)

    def _unheard(self) -> None:
        """What the voice speaks is not wanted any more."""
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()

    def _run(self, order: Play) -> None:
        try:
            sound = self._playable(order)
        except ValueError as error:
            self._ended(order, str(error))
        else:
            self._asked_at = self._now()
            self._execute("playback", sound, self._tag(order))

    def _tag(self, order: Play) -> str:
        return f"play:{order.ref}:{self._rounds}"
