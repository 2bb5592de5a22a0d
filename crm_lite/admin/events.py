"""Server-sent events: a part of a page, rendered again once a second, sent when it has changed.

What must be seen at once (a call that rings) has a mark, looked at more often: the part is rendered again
as soon as its mark is another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import Response, stream_with_context

from .access import still_logged_in

EVERY_S = 1.0
LOOK_S = 0.4
LASTS_S = 300.0  # then the browser comes again
LOGIN_S = 5.0  # so often the login is looked at again
ALIVE_S = 15.0


def stream(render: Callable[[], str], mark: Callable[[], object] | None = None) -> Response:
    """Events named `part` whose data is HTML. Ends with the login, or after LASTS_S; the browser then
    reconnects by itself.

    mark: cheap; anything that can be compared.
    """
    body = stream_with_context(_events(render, mark, still_logged_in))
    return Response(body, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _events(
    render: Callable[[], str],
    mark: Callable[[], object] | None,
    allowed: Callable[[], bool] = lambda: True,
) -> Iterator[str]:
    begun = told = rendered = looked = time.monotonic()
    last, seen, part = "", object(), ""
    yield "retry: 2000\n\n"
    while time.monotonic() - begun < LASTS_S:
        if time.monotonic() - looked >= LOGIN_S:
            looked = time.monotonic()
            if not allowed():
                return
        marked = mark() if mark else None
        if marked != seen or time.monotonic() - rendered >= EVERY_S:
            seen, rendered, part = marked, time.monotonic(), render()
        if part != last:
            last, told = part, time.monotonic()
            yield "event: part\n" + "".join(f"data: {line}\n" for line in part.splitlines()) + "\n"
        elif time.monotonic() - told > ALIVE_S:
            told = time.monotonic()
            yield "event: alive\ndata: 1\n\n"  # tells the page, and finds out that nobody listens any more
        time.sleep(LOOK_S if mark else EVERY_S)
