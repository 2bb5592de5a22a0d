"""Where a person is: the page to come back to after a choice that has nothing to do with it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from flask.globals import request_ctx


def here() -> str:
    """The page that is shown, with its search and filters, as a path that can be asked for again.

    What is shown after a form was sent may have an address that only takes forms: then the form's own page.
    """
    if request.method in ("GET", "HEAD") or "GET" in _methods():
        return request.full_path if request.method == "GET" and request.query_string else request.path
    return came_from()


def came_from() -> str:
    """The page of ours on which the link or the form was, "" when a browser does not tell."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path


def _methods() -> list[str]:
    adapter = request_ctx.url_adapter
    return list(adapter.allowed_methods(request.path)) if adapter else []
