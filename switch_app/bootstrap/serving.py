"""The call server as a process of its own."""

from __future__ import annotations

import gc
import logging
import signal
import sys

import gevent
from gevent.event import Event

from ..settings import Settings
from ..supervisor import lifeline
from .process import CallServerProcess

HAND_OVER_S = 0.0005  # the projector's thread gives the interpreter back to the calls after so long, not 5 ms


def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; prints `ready` when it takes calls."""
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    told = Event()
    process = CallServerProcess(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, told.set)
    process.start()
    gevent.spawn(_beat)
    gc.collect()
    gc.freeze()  # what is loaded stays: the collector need not look at it in the middle of calls
    sys.setswitchinterval(HAND_OVER_S)
    print("ready", flush=True)
    told.wait()
    process.stop()


def _beat() -> None:
    """The supervisor feels that the hub runs."""
    while True:
        lifeline.beat()
        gevent.sleep(lifeline.BEAT_S)
