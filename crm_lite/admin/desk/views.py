"""The agent's desk: presence, the pop of the current call, disposition and note."""

from __future__ import annotations

import time
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from crm_lite.store.queries.customers import customer
from crm_lite.store.queries.interactions import interaction, interaction_page, interaction_rows
from switch_app.core.errors import Refused

from ..access import EVERYBODY, allow, me
from ..events import LOOK_S, stream
from ..fields import Fields
from ..live import live
from ..speaking import t
from .ended import ended

desk = Blueprint("desk", __name__, template_folder="templates")

STATES = ("logged_in", "ready", "ready_once", "not_ready", "wrap_up_done", "logged_out")
REASONS = ("break", "lunch", "meeting", "training", "admin")
CODES = ("solved", "follow_up", "sale", "complaint", "wrong_number", "other")
LONGEST_NOTE = 4000
ROWS_LATE_S = 1.0


@desk.get("/desk")
@allow(EVERYBODY)
def home() -> str:
    """`about`: an earlier call whose disposition is to be written."""
    return _page(request.args.get("about", "")[:64])


@desk.get("/desk/events")
@allow(EVERYBODY)
def events() -> Response:
    """Server-sent events: presence and pop as HTML, at once when my state or my call is another one."""
    number = _agent()

    def mark() -> object:
        mine = live().agent(number, LOOK_S)
        return mine and (mine["state"], mine["interaction"], mine["reason"])

    return stream(lambda: render_template("desk/live.html", **_now()), mark)


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
    live().floor(0)
    return redirect(url_for("desk.home"), 303)


@desk.post("/desk/disposition")
@allow(EVERYBODY)
def disposition() -> Answer | tuple[str, int]:
    """What came of a call, for the call at hand or an earlier one. What can't be saved stays in the form."""
    fields = Fields(request.form)
    code, note = fields.choice("code", CODES), fields.text("note", LONGEST_NOTE)
    id = request.form.get("interaction", "")[:64]
    if not _is_mine(id):
        abort(403)
    typed, errors = {"disposition": code, "note": note}, {name: t(key) for name, key in fields.errors.items()}
    if errors:
        return _page(id, typed, errors), 422
    try:
        live().ask("disposition", interaction=id, agent=_agent(), code=code, note=note)
    except ConnectionError:
        return _page(id, typed, trouble=t("desk.not_saved")), 503
    except Refused as refusal:
        reason = t(f"common.refusal.{refusal.id}", refusal.message or refusal.id)
        return _page(id, typed, trouble=t("desk.refused", reason=reason)), 409
    _until_seen(id, code, note)
    session["saved_disposition"] = id  # the tab forgets what it kept of it
    flash(t("common.saved"), "good")
    return redirect(url_for("desk.home"), 303)


def _until_seen(id: str, code: str, note: str) -> None:
    """Wait for the rows, so that the page that follows shows what was saved. They are not waited for long."""
    deadline = time.monotonic() + ROWS_LATE_S
    while time.monotonic() < deadline:
        row = interaction_page(current_app.extensions["crm"], id)
        if row and (row["disposition"], row["note"]) == (code, note):
            return
        time.sleep(0.02)


def _page(
    about: str = "",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    trouble: str = "",
) -> str:
    """The desk; the form is about `about` if that is a call of mine, and holds what was typed."""
    now = _now()
    mine = bool(about) and _is_mine(about)
    last = _row(about) if mine else _last(now)
    if last and typed:
        last = {**last, **typed}
    return render_template(
        "desk/home.html",
        **now,
        codes=CODES,
        last=last,
        errors=errors or {},
        trouble=trouble,
        longest=LONGEST_NOTE,
        saved=session.pop("saved_disposition", ""),
        taken="" if mine else about,  # declined, say, while its note was being written
    )


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
    mine = live().agent(number)
    id = mine["interaction"] if mine else ""
    call = next((call for call in floor.get("calls", ()) if id and call["interaction"] == id), None)
    call = call or (ended(interaction_page(current_app.extensions["crm"], id)) if id else None)
    return {"floor": floor, "mine": mine, "call": _shown(call), "known": _known(call), "reasons": REASONS}


def _shown(call: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the flow collected, without its own variables."""
    if call is None:
        return None
    collected = call.get("collected") or {}
    return {**call, "collected": {key: value for key, value in collected.items() if key[:1] != "_"}}


def _known(call: dict[str, Any] | None) -> dict[str, Any] | None:
    """The customer's row as it is now: balances and history are fresher than what the flow saw."""
    seen = (call or {}).get("customer") or {}
    return customer(current_app.extensions["crm"], int(seen["id"])) if seen.get("id") else None


def _last(now: dict[str, Any]) -> dict[str, Any] | None:
    """The interaction that the form is about: the call at hand, else my newest."""
    if now["mine"] and now["mine"]["interaction"]:
        return _row(now["mine"]["interaction"], (now["call"] or {}).get("ani", ""))
    rows = interaction_rows(current_app.extensions["crm"], 1, {"agent": _agent()})
    return rows[0] if rows else None


def _row(id: str, ani: str = "") -> dict[str, Any]:
    """The interaction's row, or what is known of it while the rows are behind."""
    return interaction_page(current_app.extensions["crm"], id) or {"id": id, "from": ani}


def _is_mine(id: str) -> bool:
    row = interaction(current_app.extensions["crm"], id)
    if row and row["agent"] == _agent():
        return True
    floor = live().floor(0) or {"agents": ()}
    return any(each["agent"] == _agent() and each["interaction"] == id for each in floor["agents"])
