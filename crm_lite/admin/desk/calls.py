"""Control of the agent's own call from the desk: pass the customer on to a queue, end the talk."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from ..access import EVERYBODY, allow, me
from ..live import live
from ..queue_titles import queue_names, queue_title
from ..speaking import t
from .views import desk

LONGEST_ID = 64


@desk.post("/desk/pass-on")
@allow(EVERYBODY)
def pass_on() -> Answer:
    """The customer waits in the queue that was chosen, and this agent wraps up."""
    queue = request.form.get("queue", "")
    if queue not in dict(queue_names()):
        abort(400)
    live().ask("pass_on", interaction=_id(), agent=_agent(), queue=queue)
    flash(t("desk.passed_on", queue=queue_title(queue)), "good")
    return _back()


@desk.post("/desk/hang-up")
@allow(EVERYBODY)
def hang_up() -> Answer:
    """As if the agent's phone had hung up: the caller goes on in the flow."""
    live().ask("hangup", interaction=_id(), agent=_agent(), by=me().login)
    return _back()


def _id() -> str:
    return request.form.get("interaction", "")[:LONGEST_ID]


def _agent() -> str:
    if not me().agent:
        abort(403)
    return me().agent


def _back() -> Answer:
    live().floor(0)
    return redirect(url_for("desk.home"), 303)
