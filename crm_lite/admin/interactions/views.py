"""The list of interactions, the page of one, its recordings."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from werkzeug.utils import safe_join
from werkzeug.wrappers import Response

from crm_lite.store.audit import Change, write_audit
from crm_lite.store.edits.agents import agent
from crm_lite.store.queries.interactions import (
    every_interaction,
    interaction_page,
    interaction_rows,
    recordings_of,
)

from .. import csv_text, show, sorting
from ..access import EVERYBODY, LEADERS, allow, me
from ..live import live
from ..speaking import t
from . import export, story

interactions = Blueprint("interactions", __name__, template_folder="templates")

PER_PAGE = 50
DAYS = ("since", "until")  # both days belong to the range
CHOICES = ("outcome", "queue", "agent", "direction", "customer")
COLUMNS = {"opened": True, "from": False, "to": False, "customer": False, "queue": False, "agent": False,
           "outcome": False, "waited": True, "talked": True}  # fmt: skip


@interactions.get("/interactions")
@allow(EVERYBODY)
def home() -> str:
    asked, order = _asked(), sorting.asked(COLUMNS, "-opened")
    page = min(max(request.args.get("page", 1, int), 1), 100_000)
    crm = current_app.extensions["crm"]
    rows = interaction_rows(crm, PER_PAGE + 1, _filters(asked), (page - 1) * PER_PAGE, order.text)
    return render_template(
        "interactions/list.html",
        rows=rows[:PER_PAGE],
        more=len(rows) > PER_PAGE,
        page=page,
        asked=asked,
        args={name: value for name, value in asked.items() if value},
        order=order,
        outcomes=story.OUTCOMES,
    )


@interactions.get("/interactions.csv")
@allow(LEADERS)
def spreadsheet() -> Response:
    """All that pass the filters of the list, not a page of them."""
    asked = _asked()
    filters = _filters(asked)
    crm = current_app.extensions["crm"]
    zone = current_app.config["HOTLINE"].timezone
    crm.write(write_audit, me().login, "interactions.exported", "", _said(asked))
    lines = csv_text.lines(export.table(every_interaction(crm, filters), zone))
    name = f"interactions-{show.when(time.time(), zone, '%Y%m%d-%H%M%S')}.csv"
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@interactions.get("/interactions/<id>")
@allow(EVERYBODY)
def one(id: str) -> str:
    row = _mine(id)
    return render_template(
        "interactions/one.html",
        row=row,
        agent_name=_name_of(row["agent"]),
        lines=story.told(row["facts"]),
        whys=story.whys(row["facts"]),
        recordings=recordings_of(current_app.extensions["crm"], id),
    )


@interactions.post("/interactions/<id>/hang-up")
@allow(LEADERS)
def hang_up(id: str) -> Response:
    """End a call in progress from the switch's side, wherever the caller is."""
    _mine(id)
    live().ask("hangup", interaction=id, by=me().login)
    current_app.extensions["crm"].write(write_audit, me().login, "interactions.ended", id)
    flash(t("interactions.ended_call"), "good")
    return redirect(url_for("interactions.one", id=id), 303)


@interactions.get("/interactions/<id>/recordings/<int:position>")
@allow(EVERYBODY)
def recording(id: str, position: int) -> Response:
    """The sound, whole or the range that a player asks for."""
    _mine(id)
    crm = current_app.extensions["crm"]
    found = next((each for each in recordings_of(crm, id) if each["position"] == position), None)
    path = safe_join(str(current_app.config["HOTLINE"].var), found["path"]) if found else None
    if path is None or not path.endswith(".wav"):
        abort(404)
    try:
        return send_file(path, "audio/wav", conditional=True, download_name=f"{id}-{position}.wav", max_age=0)
    except OSError:
        abort(404)


def _name_of(number: str | None) -> str:
    found = agent(current_app.extensions["crm"], number) if number else None
    return found["name"] if found else ""


def _mine(id: str) -> dict[str, Any]:
    """The interaction if the person may see it: an agent sees the own ones."""
    row = interaction_page(current_app.extensions["crm"], id)
    if row is None or (me().role == "agent" and row["agent"] != me().agent):
        abort(404)
    return row


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:200] for name in ("text", *DAYS, *CHOICES)}


def _said(asked: dict[str, str]) -> list[Change]:
    return [(name, None, value) for name, value in asked.items() if value]


def _filters(asked: dict[str, str]) -> dict[str, Any]:
    filters: dict[str, Any] = {name: asked[name] for name in CHOICES if asked[name]}
    if not asked["direction"]:
        filters["without_direction"] = "internal"  # agents' own calls: logging in, ready ...
    if filters.get("outcome") == "open":
        del filters["outcome"]
        filters["open"] = True
    if asked["text"]:
        filters["text"] = asked["text"]
    filters |= {"opened_from": _midnight(asked, "since"), "opened_to": _midnight(asked, "until", 1)}
    if me().role == "agent":
        filters["agent"] = me().agent
    return filters


def _midnight(asked: dict[str, str], name: str, later: int = 0) -> float | None:
    """Where the day that was asked for begins (or the one `later`); what is no day is taken out."""
    zone = ZoneInfo(current_app.config["HOTLINE"].timezone)
    try:
        day = datetime.strptime(asked[name], "%Y-%m-%d").replace(tzinfo=zone)
        return (day + timedelta(days=later)).timestamp()
    except (ValueError, OverflowError):
        asked[name] = ""
        return None
