"""The live wallboard: big figures by queue, the agents with their states, who waits."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from .. import queue_order, sorting
from ..access import LEADERS, allow
from ..events import stream
from ..live import live
from ..states import rank

wallboard = Blueprint("wallboard", __name__, template_folder="templates")

SHOWN = 50  # callers who wait, the longest wait first
CARDS = ("waiting", "longest_wait", "ready", "talking", "answered", "abandoned", "service_level")


@wallboard.get("/wallboard")
@allow(LEADERS)
def home() -> str:
    return render_template("wallboard/home.html", **board(), cards=CARDS)


@wallboard.get("/wallboard/events")
@allow(LEADERS)
def events() -> Response:
    """Server-sent events: the board as HTML, once a second."""
    return stream(lambda: render_template("wallboard/board.html", **board()))


def board() -> dict[str, object]:
    """What the board shows; `floor` is None when the call server is down."""
    floor, order = live().floor(), sorting.asked(queue_order.COLUMNS)
    if floor is None:
        return {"floor": None, "order": order}
    agents = sorted(floor["agents"], key=lambda agent: (rank(agent["state"]), agent["agent"]))
    queues = floor["queues"]
    totals = {
        "waiting": sum(queue["waiting"] for queue in queues),
        "longest_wait": max((queue["longest_wait_s"] or 0 for queue in queues), default=0),
        "ready": sum(agent["state"] in ("ready", "ready_once") for agent in agents),
        "talking": sum(agent["state"] in ("talking", "held") for agent in agents),
        "answered": sum(queue["answered_today"] for queue in queues),
        "abandoned": sum(queue["abandoned_today"] for queue in queues),
    }
    present = [agent for agent in agents if agent["state"] != "logged_out"]
    return {
        "floor": floor,
        "order": order,
        "queues": order.ordered(queues, queue_order.keys(lambda queue: queue, lambda queue: queue["title"])),
        "totals": totals,
        "agents": present,
        "absent": len(agents) - len(present),
        "waiting": sorted(floor["waiting"], key=lambda item: -item["wait_s"])[:SHOWN],
        "unshown": max(0, len(floor["waiting"]) - SHOWN),
    }
