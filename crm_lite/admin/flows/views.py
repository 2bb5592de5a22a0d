"""Flows: versions in force, problems beside the text, the graph; the emergency greeting."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm_lite.store.audit import write_audit
from switch_app.core.errors import Refused

from ..access import LEADERS, allow, me
from ..fields import Fields
from ..live import live
from ..speaking import t
from ..words import LANGUAGES
from .picture import picture, stylesheet

flows = Blueprint("flows", __name__, template_folder="templates")

LARGEST = 512 * 1024
SLOT = r"[a-z][a-z0-9_]{0,59}"


@flows.get("/flows")
@allow(LEADERS)
def home() -> str:
    told = live().ask_or_none("flows")
    return render_template("flows/list.html", told=told, greetings=_greetings(), errors={}, typed={})


@flows.get("/flows/<name>")
@allow(LEADERS)
def one(name: str) -> str:
    """The flow's text as it is in its file now, with its problems at their lines."""
    told = live().ask_or_none("flows")
    found = next((flow for flow in (told or {}).get("flows", ()) if flow["name"] == name), None)
    path = _file(found["file"] if found else f"{name}.yml")
    if path is None:
        abort(404)
    problems = [each for each in (told or {}).get("problems", ()) if Path(each["file"]).name == path.name]
    by_line: dict[int, list[dict[str, Any]]] = {}
    for problem in problems:
        by_line.setdefault(problem["line"], []).append(problem)
    return render_template(
        "flows/one.html",
        name=name,
        flow=found,
        told=told,
        lines=_lines(path),
        by_line=by_line,
        problems=problems,
        svg=picture(path, problems),
    )


@flows.get("/flows/graph.css")
@allow(LEADERS)
def graph_style() -> Response:
    return current_app.response_class(stylesheet(), mimetype="text/css")


@flows.post("/flows/reload")
@allow(LEADERS)
def reload() -> Response:
    told = live().ask("reload")
    current_app.extensions["crm"].write(write_audit, me().login, "flows.reloaded")
    errors = sum(problem["severity"] == "error" for problem in told.get("problems", ()))
    flash(t("flows.reloaded", errors=errors), "warn" if errors else "good")
    return redirect(url_for("flows.home"), 303)


@flows.post("/flows/greeting")
@allow(LEADERS)
def greeting() -> Response | tuple[str, int]:
    """Put the emergency greeting up until a moment, or take it down."""
    fields = Fields(request.form)
    slot = fields.text("slot", 60, needed=True, like=SLOT)
    if request.form.get("action") == "clear" and fields:
        live().ask("greeting", action="clear", slot=slot, by=me().login)
        _audited("greeting.cleared", slot, "")
        return redirect(url_for("flows.home"), 303)
    text = {language: fields.text(f"text_{language}", 500) for language in LANGUAGES}
    prompt = fields.text("prompt", 60, like=SLOT)
    until = _until(fields)
    if fields:
        live().ask("greeting", action="set", slot=slot, prompt=prompt, text=text, until=until, by=me().login)
        _audited("greeting.set", slot, "; ".join(f"{key}: {value}" for key, value in text.items() if value))
        return redirect(url_for("flows.home"), 303)
    errors = {name: t(key) for name, key in fields.errors.items()}
    told = live().ask_or_none("flows")
    page = render_template(
        "flows/list.html", told=told, greetings=_greetings(), errors=errors, typed=request.form
    )
    return page, 422


def _audited(what: str, slot: str, detail: str) -> None:
    current_app.extensions["crm"].write(write_audit, me().login, what, slot, detail)
    flash(t("common.saved"), "good")


def _greetings() -> dict[str, Any] | None:
    """slot -> greeting in force; None when that can't be told."""
    try:
        told = live().ask_or_none("greeting", action="show")
    except Refused:
        return None
    return None if told is None else told.get("greetings", {})


def _until(fields: Fields) -> float | None:
    """The form's local date and time as epoch seconds; needed, so that no greeting is forgotten."""
    zone = ZoneInfo(current_app.config["HOTLINE"].timezone)
    try:
        at = datetime.fromisoformat(fields.typed.get("until", "")).replace(tzinfo=zone)
        if at > datetime.now(zone):
            return at.timestamp()
        fields.errors["until"] = "flows.past"
    except (ValueError, OverflowError):
        fields.errors["until"] = "common.error.needed"
    return None


def _file(file: str) -> Path | None:
    """The flow's file, only if it is one of the flows' folder."""
    folder = current_app.config["HOTLINE"].flows.resolve()
    if not re.fullmatch(r"[\w-]{1,100}\.ya?ml", Path(file).name):
        return None
    path = (folder / Path(file).name).resolve()
    return path if path.parent == folder and path.is_file() else None


def _lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(LARGEST).splitlines()
