"""The agent's desk: presence, the pop of the current call, disposition and note."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from crm_lite.store.queries.customers import customer
from crm_lite.store.queries.interactions import interaction, interaction_page, interaction_rows

from ..access import EVERYBODY, allow, me
from ..events import stream
from ..fields import Fields
from ..live import live
from ..speaking import t

desk = Blueprint("desk", __name__, template_folder="templates")

STATES = ("logged_in", "ready", "ready_once", "not_ready", "wrap_up_done", "logged_out")
REASONS = ("break", "lunch", "meeting", "training", "admin")
CODES = ("solved", "follow_up", "sale", "complaint", "wrong_number", "other")
HIDDEN = ("_",)  # variables of a flow that begin so are its own


@desk.get("/desk")
@allow(EVERYBODY)
def home() -> str:
    now = _now()
    return render_template("desk/home.html", **now, codes=CODES, last=_last(now))


@desk.get("/desk/events")
@allow(EVERYBODY)
def events() -> Response:
    """Server-sent events: presence and pop as HTML."""
    _agent()
    return stream(lambda: render_template("desk/live.html", **_now()))


@desk.post("/desk/presence")
@allow(EVERYBODY)
def presence() -> Answer:
    fields = Fields(request.form)
    state = fields.choice("state", STATES)
    reason = fields.choice("reason", ("", *REASONS))
    contact = fields.text("contact", 16, like=r"[0-9]{1,16}") or _agent()
    if not fields:
        abort(400)
    contact = contact if state == "logged_in" else ""
    live().ask("presence", agent=_agent(), state=state, reason=reason, contact=contact)
    live().floor(now=True)
    return redirect(url_for("desk.home"), 303)


@desk.post("/desk/disposition")
@allow(EVERYBODY)
def disposition() -> Answer:
    """What came of a call, for the call at hand or the last one."""
    fields = Fields(request.form)
    code, note = fields.choice("code", CODES), fields.text("note", 4000)
    id = fields.text("interaction", 64, needed=True)
    if not fields:
        abort(400)
    if not _is_mine(id):
        abort(403)
    live().ask("disposition", interaction=id, agent=_agent(), code=code, note=note)
    flash(t("common.saved"), "good")
    return redirect(url_for("desk.home"), 303)


def _agent() -> str:
    """The number of the agent who asks; 403 for people who take no calls."""
    if not me().agent:
        abort(403)
    return me().agent


def _now() -> dict[str, Any]:
    """My state, my call with its customer; `floor` is None when the call server is down."""
    number, floor = _agent(), live().floor()
    if floor is None:
        return {"floor": None, "mine": None, "call": None, "known": None, "reasons": REASONS}
    mine = next((agent for agent in floor["agents"] if agent["agent"] == number), None)
    id = mine["interaction"] if mine else ""
    call = next((call for call in floor.get("calls", ()) if id and call["interaction"] == id), None)
    return {"floor": floor, "mine": mine, "call": call, "known": _known(call), "reasons": REASONS}


def _known(call: dict[str, Any] | None) -> dict[str, Any] | None:
    """The customer's row as it is now: balances and history are fresher than what the flow saw."""
    seen = (call or {}).get("customer") or {}
    return customer(current_app.extensions["crm"], int(seen["id"])) if seen.get("id") else None


def _last(now: dict[str, Any]) -> dict[str, Any] | None:
    """The interaction that the form is about: the call at hand, else my newest."""
    crm = current_app.extensions["crm"]
    if now["mine"] and now["mine"]["interaction"]:
        found = interaction_page(crm, now["mine"]["interaction"])
        return found or {"id": now["mine"]["interaction"], "from": (now["call"] or {}).get("ani", "")}
    rows = interaction_rows(crm, 1, {"agent": _agent()})
    return rows[0] if rows else None


def _is_mine(id: str) -> bool:
    row = interaction(current_app.extensions["crm"], id)
    if row and row["agent"] == _agent():
        return True
    floor = live().floor(now=True) or {"agents": ()}
    return any(each["agent"] == _agent() and each["interaction"] == id for each in floor["agents"])
