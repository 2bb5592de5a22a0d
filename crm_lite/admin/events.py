"""Server-sent events: a part of a page, rendered again once a second, sent when it has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import Response, stream_with_context

EVERY_S = 1.0
LASTS_S = 300.0  # then the browser comes again, and the login is looked at again
ALIVE_S = 15.0


def stream(render: Callable[[], str]) -> Response:
    """Events named `part` whose data is HTML. Ends after LASTS_S; the browser reconnects by itself."""
    body = stream_with_context(_events(render))
    return Response(body, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _events(render: Callable[[], str]) -> Iterator[str]:
    begun = told = time.monotonic()
    last = ""
    yield "retry: 2000\n\n"
    while time.monotonic() - begun < LASTS_S:
        part = render()
        if part != last:
            last, told = part, time.monotonic()
            yield "event: part\n" + "".join(f"data: {line}\n" for line in part.splitlines()) + "\n"
        elif time.monotonic() - told > ALIVE_S:
            told = time.monotonic()
            yield "event: alive\ndata: 1\n\n"  # tells the page, and finds out that nobody listens any more
        time.sleep(EVERY_S)
