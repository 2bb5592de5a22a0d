"""How the parts are: call server, switch line, journal, projector, CRM."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from crm_lite.store.database import DatabaseError
from crm_lite.store.projector import Projector

from ..access import LEADERS, STRANGERS, allow
from ..flows.problems import told_flows
from ..live import live

SHOWN = 5  # broken places; the flows' page has them all

health = Blueprint("health", __name__, template_folder="templates")


@health.get("/health")
@allow(LEADERS)
def home() -> str:
    status = live().ask_or_none("status")
    return render_template(
        "health/home.html",
        status=status,
        checks=_checks(status),
        projected=_projected(),
        broken=_broken(status),
        shown=SHOWN,
    )


@health.get("/health.json")
@allow(STRANGERS)
def machine() -> tuple[Response, int]:
    """For monitoring: {"ok": bool, "checks": {...}}, 503 when something is wrong. No figures, no texts."""
    checks = _checks(live().ask_or_none("status"))
    fine = all(checks.values())
    return jsonify(ok=fine, checks=checks), 200 if fine else 503


def _checks(status: dict[str, Any] | None) -> dict[str, bool]:
    alarms = (status or {}).get("alarms", {})
    return {
        "call_server": status is not None,
        "switch": bool(status and status.get("line_up")),
        "journal": status is not None and not alarms.get("journal"),
        "crm": _projected() is not None and not alarms.get("crm"),
        "flows": status is not None and not alarms.get("flows"),
        "disk": status is not None and not alarms.get("disk"),
    }


def _broken(status: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The errors of flows and conf files, while that is an alarm."""
    told = told_flows() if status and status.get("alarms", {}).get("flows") else None
    return [each for each in (told or {}).get("problems", ()) if each["severity"] == "error"]


def _projected() -> int | None:
    """The projector's position, None when the database can't be read."""
    try:
        return Projector(current_app.extensions["crm"]).position()
    except DatabaseError:
        return None
