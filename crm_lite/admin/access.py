"""Who may see which page: every view names its roles; one that names none is seen by nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from .people import ROLES, Person, person_of
from .place import here

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY = frozenset(ROLES)
LEADERS = frozenset({"admin", "supervisor"})
ADMINS = frozenset({"admin"})
STRANGERS = frozenset({"stranger"}) | EVERYBODY  # nobody has to be logged in


def allow(roles: frozenset[str]) -> Callable[[View], View]:
    """Below the route's decorator: who may call the view."""

    def marked(view: View) -> View:
        view.allowed = roles  # type: ignore[attr-defined]
        return view

    return marked


def guard(app: Flask) -> None:
    """Look at every request before its view does."""
    app.before_request(_look)


def me() -> Person:
    """The person who asks; 401 where nobody is logged in."""
    person: Person | None = g.get("person")
    if person is None:
        abort(401)
    return person


def still_logged_in() -> bool:
    """Whether the login of this request, which may be a long one, has not been ended meanwhile."""
    return _person() is not None


def _person() -> Person | None:
    lasts_s = current_app.permanent_session_lifetime.total_seconds()
    return person_of(current_app.extensions["crm"], session.get("who"), time.time(), lasts_s)


def _look() -> Response | None:
    g.person = None
    if request.endpoint == "static":
        return None
    g.person = _person()
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # 404 and 405 are answered by Flask
    allowed = getattr(view, "allowed", frozenset())
    if (g.person.role if g.person else "stranger") in allowed:
        return None
    if g.person:
        abort(403)
    lost = request.method == "POST" and request.endpoint != "login.out"
    return redirect(url_for("login.form", to=here() or None, lost=1 if lost else None), 303)
