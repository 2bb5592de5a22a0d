"""Flows: versions in force, problems beside the text, the graph; the emergency greeting."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

from crm_lite.store.audit import Change, write_audit
from switch_app.core.errors import Refused

from ..access import LEADERS, allow, me
from ..fields import Fields
from ..live import live
from ..speaking import t
from ..uploads import takes_files
from ..words import LANGUAGES
from .picture import picture, stylesheet
from .problems import told_flows

flows = Blueprint("flows", __name__, template_folder="templates")

LARGEST = 512 * 1024
MOST_BYTES = 26_000_000  # of the form with a recording for each language
LISTENED = re.compile(r"(?:spoken/[a-z]{2,3}|greetings)/[0-9a-f]{32}\.wav")
SLOT = r"[a-z][a-z0-9_]{0,59}"


@flows.get("/flows")
@allow(LEADERS)
def home() -> str:
    return _list({}, {})


@flows.get("/flows/<name>")
@allow(LEADERS)
def one(name: str) -> str:
    """The flow's text as it is in its file now, with its problems at their lines."""
    told = told_flows()
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
@takes_files(MOST_BYTES)
def greeting() -> Response | tuple[str, int]:
    """Put the emergency greeting up until a moment, or take it down."""
    fields = Fields(request.form)
    slot = fields.text("slot", 60, needed=True, like=SLOT)
    if request.form.get("action") == "clear" and fields:
        live().ask("greeting", action="clear", slot=slot, by=me().login)
        _audited("greeting.cleared", slot, [])
        return redirect(url_for("flows.home"), 303)
    text = {language: fields.text(f"text_{language}", 500) for language in LANGUAGES}
    prompt = fields.text("prompt", 60, like=SLOT)
    until = _until(fields)
    recordings = _recordings(fields) if fields else {}
    if fields:
        live().ask(
            "greeting",
            action="set",
            slot=slot,
            prompt=prompt,
            text=text,
            until=until,
            by=me().login,
            recordings=recordings,
        )
        said: list[Change] = [("until", None, until)]
        said += [(f"text_{key}", None, value) for key, value in text.items() if value]
        said += [(f"recording_{key}", None, f"{name}.wav") for key, name in recordings.items()]
        _audited("greeting.set", slot, said + ([("prompt", None, prompt)] if prompt else []))
        return redirect(url_for("flows.home"), 303)
    errors = {name: t(key) for name, key in fields.errors.items()}
    return _list(errors, request.form), 422


@flows.get("/flows/greeting/<slot>/<language>.wav")
@allow(LEADERS)
def listen(slot: str, language: str) -> Response:
    """What callers of this language hear of the greeting in force."""
    greetings = (_told() or {}).get("greetings", {})
    file = greetings.get(slot, {}).get("heard", {}).get(language, {}).get("file", "")
    path = safe_join(str(current_app.config["HOTLINE"].var), file) if LISTENED.fullmatch(file) else None
    if path is None:
        abort(404)
    try:
        return send_file(path, "audio/wav", conditional=True, download_name=f"{slot}.wav", max_age=0)
    except OSError:
        abort(404)


def _recordings(fields: Fields) -> dict[str, str]:
    """language -> the name of the recording that was uploaded for it."""
    keep = current_app.config["HOTLINE"].keep_recording
    kept = {}
    for language in LANGUAGES:
        upload = request.files.get(f"recording_{language}")
        if keep is None or upload is None or not upload.filename:
            continue
        try:
            kept[language] = keep(upload.read(MOST_BYTES))
        except Refused as refusal:
            fields.errors[f"recording_{language}"] = f"flows.upload.{refusal.id}"
    return kept


def _list(errors: dict[str, str], typed: Mapping[str, str]) -> str:
    return render_template(
        "flows/list.html",
        told=told_flows(),
        greeting_told=_told(),
        errors=errors,
        typed=typed,
        takes_recordings=current_app.config["HOTLINE"].keep_recording is not None,
    )


def _audited(what: str, slot: str, detail: list[Change]) -> None:
    current_app.extensions["crm"].write(write_audit, me().login, what, slot, detail)
    flash(t("common.saved"), "good")


def _told() -> dict[str, Any] | None:
    """The greetings in force by slot, and the voices by language; None when that can't be told."""
    try:
        return live().ask_or_none("greeting", action="show")
    except Refused:
        return None


def _until(fields: Fields) -> float | None:
    """The form's local date and time as epoch seconds; needed, so that no greeting is forgotten."""
    zone = ZoneInfo(current_app.config["HOTLINE"].timezone)
    try:
        moment = next_showing(datetime.fromisoformat(fields.typed.get("until", "")), zone, time.time())
        if moment is None:
            fields.errors["until"] = "flows.past"
        return moment
    except (ValueError, OverflowError):
        fields.errors["until"] = "common.error.needed"
    return None


def next_showing(written: datetime, zone: ZoneInfo, now: float) -> float | None:
    """The first moment after now at which the clocks of a zone show this; None: they never will again.

    In the hour that comes twice there are two; in one that is left out the time before it goes on."""
    moments = (written.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    return next((moment for moment in moments if moment > now), None)


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
