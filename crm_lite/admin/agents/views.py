"""Agents: who works here, what they can, what they do now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm_lite.store.edits import Unfit
from crm_lite.store.edits.agents import agent, new_pin, save_agent
from crm_lite.store.edits.agents import agents as all_agents
from crm_lite.store.spelling import order as spelt

from .. import audit_words, seen, sorting
from ..access import LEADERS, allow, me
from ..fields import Fields
from ..live import live
from ..once import once
from ..speaking import t
from ..states import rank

agents = Blueprint("agents", __name__, template_folder="templates")

BLANK_ROWS = 3
MOST_SKILLS = 100
SKILL = r"[\w-]{1,50}"
PRESENCES = ("ready", "not_ready", "logged_out")
COLUMNS = {"number": False, "name": False, "state": False, "for": True, "phone": False}


@agents.get("/agents")
@allow(LEADERS)
def home() -> str:
    floor = live().floor()
    states = {each["agent"]: each for each in floor["agents"]} if floor else {}
    order = sorting.asked(COLUMNS, "number")
    rows = order.ordered(all_agents(current_app.extensions["crm"]), _keys(states))
    return render_template("agents/list.html", rows=rows, states=states, floor=floor, order=order)


@agents.get("/agents/new")
@allow(LEADERS)
def new() -> str:
    return _form({"number": "", "name": "", "email": "", "active": True, "skills": {}}, {}, new=True)


@agents.get("/agents/<number>")
@allow(LEADERS)
def one(number: str) -> str:
    """`told`: where a new PIN is kept, to be shown once."""
    row, told = _known(number), request.args.get("told", "")
    return _form(row, {}, pin=once().take(told, (me().login, number)) if told else "", told=bool(told))


@agents.post("/agents/new")
@allow(LEADERS)
def add() -> Response | tuple[str, int]:
    fields = Fields(request.form)
    number = fields.text("number", 16, needed=True, like=r"[0-9]{3,8}")
    return _save(number, fields, new=True)


@agents.post("/agents/<number>")
@allow(LEADERS)
def edit(number: str) -> Response | tuple[str, int]:
    _known(number)
    return _save(number, Fields(request.form))


@agents.post("/agents/<number>/pin")
@allow(LEADERS)
def pin(number: str) -> Response:
    """A new PIN. It is shown once, by a page that can be loaded again without making another."""
    _known(number)
    made = new_pin(current_app.extensions["crm"], me().login, number)
    told = once().keep(made, (me().login, number))
    return redirect(url_for("agents.one", number=number, told=told), 303)


@agents.post("/agents/<number>/presence")
@allow(LEADERS)
def presence(number: str) -> Response:
    """Change an agent's presence from outside: a forgotten log-out, an urgent queue."""
    state = Fields(request.form).choice("state", PRESENCES)
    if state not in PRESENCES:
        abort(400)
    live().ask("presence", agent=number, state=state, reason="", by=me().login)
    live().floor(0)
    return redirect(url_for("agents.home", _anchor=f"agent-{number}"), 303)


def _keys(states: dict[str, dict[str, Any]]) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """What the list is sorted by; who is on no roster has no state, and who is logged out no time in it."""

    def now(row: dict[str, Any]) -> dict[str, Any]:
        return states.get(row["number"], {})

    return {
        "number": lambda row: (len(row["number"]), row["number"]),
        "name": lambda row: spelt(row["name"]),
        "state": lambda row: rank(now(row)["state"]) if now(row) else None,
        "for": lambda row: -now(row)["since"] if now(row).get("state") not in (None, "logged_out") else None,
        "phone": lambda row: now(row).get("contact") or None,
    }


def _save(number: str, fields: Fields, new: bool = False) -> Response | tuple[str, int]:
    values = {
        "name": fields.text("name", 100, needed=True),
        "email": fields.text("email", 200, like=r"[^@\s]+@[^@\s]+"),
        "active": fields.ticked("active"),
    }
    before = {} if new else _known(number)
    skills = _skills(fields, before.get("skills", {}))
    mark = "" if new else seen.check(fields, before)
    if fields:
        try:
            save_agent(current_app.extensions["crm"], me().login, number, values, skills, new)
            flash(t("common.saved"), "good")
            return redirect(url_for("agents.one", number=number), 303)
        except Unfit as unfit:
            fields.errors[unfit.field] = f"common.error.{unfit.reason}"
    row = {"number": number, **values, "skills": {}}
    errors = {name: t(key) for name, key in fields.errors.items()}
    return _form(row, errors, new, typed=_typed(fields), mark=mark), 422


def _skills(fields: Fields, had: dict[str, int]) -> dict[str, int]:
    """The rows skill-1, level-1 ...; an empty level takes a skill away that was there, a new one needs it."""
    skills: dict[str, int] = {}
    for row in range(MOST_SKILLS):
        name = fields.text(f"skill-{row}", 50, like=SKILL) if f"skill-{row}" in fields.typed else ""
        level = fields.typed.get(f"level-{row}", "").strip()
        if name and (level or name not in had):
            skills[name] = fields.whole(f"level-{row}", 1, 10)
        elif level and not name:
            fields.errors[f"skill-{row}"] = "common.error.needed"
    if any(name.startswith(("skill-", "level-")) for name in fields.errors):
        fields.errors["skills"] = "agents.skills_wrong"
    return skills


def _typed(fields: Fields) -> list[tuple[str, str]]:
    """The rows of skills as they were typed."""
    typed = fields.typed
    rows = ((typed.get(f"skill-{row}", ""), typed.get(f"level-{row}", "")) for row in range(MOST_SKILLS))
    return [(skill[:50], level[:12]) for skill, level in rows if skill or level]


def _form(
    row: dict,
    errors: dict[str, str],
    new: bool = False,
    pin: str = "",
    told: bool = False,
    typed: list[tuple[str, str]] | None = None,
    mark: str = "",
) -> str:
    crm = current_app.extensions["crm"]
    known = sorted({skill for each in all_agents(crm) for skill in each["skills"]})
    rows = [*(row["skills"].items() if typed is None else typed), *[("", "")] * BLANK_ROWS]
    history = [] if new else audit_words.lines(crm, 20, subject=row["number"])
    return render_template(
        "agents/one.html",
        row=row,
        rows=rows,
        known=known,
        errors=errors,
        new=new,
        pin=pin,
        told=told,
        lines=history,
        seen=mark or ("" if new else seen.mark(row)),
    )


def _known(number: str) -> dict:
    row = agent(current_app.extensions["crm"], number)
    if row is None:
        abort(404)
    return row
