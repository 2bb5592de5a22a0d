"""Numbers: which flow answers which dialled number (conf/numbers.yml)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template

from .. import conf_files, sorting
from ..access import LEADERS, allow
from ..live import live

numbers = Blueprint("numbers", __name__, template_folder="templates")

COLUMNS = {"number": False, "flow": False, "language": False}
KEYS = {name: lambda row, name=name: row[name] or None for name in COLUMNS}


@numbers.get("/numbers")
@allow(LEADERS)
def home() -> str:
    problem, written = "", {}
    try:
        written = conf_files.read(current_app.config["HOTLINE"].conf / "numbers.yml")
    except conf_files.Unreadable as unreadable:
        problem = str(unreadable)
    told, order = live().ask_or_none("flows"), sorting.asked(COLUMNS)
    return render_template(
        "numbers/home.html",
        contexts={context: order.ordered(_rows(each), KEYS) for context, each in written.items()},
        order=order,
        known={flow["name"] for flow in told["flows"]} if told else None,
        problem=problem,
    )


def _rows(written: Any) -> list[dict[str, str]]:
    if not isinstance(written, dict):
        return []
    return [
        {"number": number, "flow": "", "language": "", **(to if isinstance(to, dict) else {"flow": str(to)})}
        for number, to in written.items()
    ]
