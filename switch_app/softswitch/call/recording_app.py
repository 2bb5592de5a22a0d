"""The record application: a message of one party, ended by a digit, silence, time or hang-up."""

from __future__ import annotations

import logging
from pathlib import Path

from ..media import g711
from ..media.g711 import Law
from ..media.recorder import Recorder
from ..tasks import Future
from .channel import Channel
from .parking import stay
from .playing import terminators

log = logging.getLogger("softswitch.recording")


class SilenceWatch:
    """A Tap: set once the phone has been below `threshold` (mean amplitude) for `hits_s` seconds."""

    def __init__(self, threshold: int, hits_s: int) -> None:
        self._threshold, self._wanted = threshold, hits_s * 50
        self._quiet = 0
        self.reached: Future[None] = Future()

    def heard(self, codes: bytes, law: Law) -> None:
        if not self._wanted or not codes:
            return
        samples = memoryview(g711.decode(codes, law)).cast("h")
        loud = sum(map(abs, samples)) // len(samples) >= self._threshold
        self._quiet = 0 if loud else self._quiet + 1
        if self._quiet >= self._wanted:
            self.reached.set()

    def spoken(self, codes: bytes, law: Law) -> None:
        return None


async def record_message(channel: Channel, path: str, limit_s: int, threshold: int, hits_s: int) -> None:
    """Sets record_ms, record_seconds, record_samples; Application-Response tells how it ended."""
    switch = channel.switch
    try:
        file = switch.config.run_dir / "recordings" / Path(path)
        recorder = Recorder(switch.loop, file, "heard", channel.stream.rtp.law)
    except (OSError, ValueError) as error:
        log.error("%s: cannot record: %s", channel.name, error)
        channel.set("current_application_response", "FILE NOT FOUND")
        return
    watch = SilenceWatch(threshold, hits_s)
    taps = channel.stream.taps
    taps += [recorder, watch]
    stop_digits = terminators(channel)
    deadline = switch.loop.now() + limit_s if limit_s else None
    try:
        while True:
            left = None if deadline is None else deadline - switch.loop.now()
            why = await stay(channel, watch.reached, left, digits=True)
            if why == "digit":
                digit = channel.digit_queue.popleft()
                if digit not in stop_digits:
                    continue
                channel.set("playback_terminator_used", digit)
            break
    finally:
        for tap in (recorder, watch):
            if tap in taps:
                taps.remove(tap)
        recorder.close()
    channel.set("record_samples", str(recorder.samples))
    channel.set("record_ms", str(recorder.samples // 8))
    channel.set("record_seconds", str(recorder.samples // 8000))
    channel.set("current_application_response", "FILE RECORDED" if not recorder.failed else "ERROR")
