"""Queues: what conf/queues.yml says, and how they stand now."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template

from crm_lite.store.edits.customers import tiers as customer_tiers

from .. import conf_files, queue_order, sorting
from ..access import LEADERS, allow
from ..live import live

queues = Blueprint("queues", __name__, template_folder="templates")


@queues.get("/queues")
@allow(LEADERS)
def home() -> str:
    problem, written = "", {}
    try:
        written = conf_files.read(current_app.config["HOTLINE"].conf / "queues.yml")
    except conf_files.Unreadable as unreadable:
        problem = str(unreadable)
    floor = live().floor()
    state = {each["name"]: each for each in floor["queues"]} if floor else {}
    rows = [_row(name, rule, state.get(name)) for name, rule in written.items()]
    rows += [_row(name, {}, each) for name, each in state.items() if name not in written]
    tiers = customer_tiers(current_app.extensions["crm"])
    order = sorting.asked(queue_order.COLUMNS)
    rows = order.ordered(rows, queue_order.keys(lambda row: row["live"], lambda row: row["title"]))
    return render_template(
        "queues/home.html", rows=rows, floor=floor, problem=problem, tiers=tiers, order=order
    )


def _row(name: str, rule: Any, state: dict[str, Any] | None) -> dict[str, Any]:
    rule = rule if isinstance(rule, dict) else {}
    title = rule.get("title") or (state or {}).get("title") or {}
    settings = {key: value for key, value in rule.items() if key != "title"}
    return {"name": name, "title": title if isinstance(title, dict) else {}, "rule": settings, "live": state}
