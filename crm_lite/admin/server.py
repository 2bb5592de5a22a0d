"""Serve the pages with gevent: many open live pages cost one greenlet each."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
from flask import Flask
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger(__name__)

CONNECTIONS = 1000
BEAT_S = 2.0
IDLE_S = 60.0  # a connection that sends nothing for so long is closed


class _Handler(WSGIHandler):
    """Closes connections that keep a greenlet and send nothing."""

    def handle(self) -> None:
        self.socket.settimeout(IDLE_S)
        super().handle()

    def log_request(self) -> None:  # what people ask for is theirs; errors are logged by the application
        pass


def serve(app: Flask, host: str, port: int, beat: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT; prints a line `ready` when the port is open.

    gevent must have patched the standard library before. beat: called every BEAT_S, for whoever watches that
    the hub runs.
    """
    server: Any = WSGIServer(
        (host, port), app, spawn=Pool(CONNECTIONS), handler_class=_Handler, log=None, error_log=log
    )
    server.start()
    gevent.spawn(_beat, beat)
    print("ready", flush=True)
    stopped = gevent.event.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(name, stopped.set)
    stopped.wait()
    server.stop(timeout=1)


def _beat(beat: Callable[[], None]) -> None:
    while True:
        beat()
        gevent.sleep(BEAT_S)
