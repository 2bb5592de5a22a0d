"""Users of these pages, and who changed what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm_lite.store.edits import Unfit
from crm_lite.store.edits.users import save_user
from crm_lite.store.edits.users import users as all_users
from crm_lite.store.spelling import order as spelt

from .. import audit_words, seen, sorting
from ..access import ADMINS, allow, me
from ..fields import Fields
from ..people import ROLES
from ..speaking import t

users = Blueprint("users", __name__, template_folder="templates")

PER_PAGE = 50
COLUMNS = {"login": False, "name": False, "role": False, "agent": False, "active": True}
KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "login": lambda row: row["login"].casefold(),
    "name": lambda row: spelt(row["name"]) or None,
    "role": lambda row: ROLES.index(row["role"]),
    "agent": lambda row: (len(row["agent"]), row["agent"]) if row["agent"] else None,
    "active": lambda row: row["active"],
}
EMPTY: dict[str, Any] = {
    "id": None,
    "login": "",
    "name": "",
    "role": "supervisor",
    "agent": "",
    "active": True,
}


@users.get("/users")
@allow(ADMINS)
def home() -> str:
    order = sorting.asked(COLUMNS, "login")
    return render_template("users/list.html", rows=order.ordered(all_users(_crm()), KEYS), order=order)


@users.get("/users/new")
@allow(ADMINS)
def new() -> str:
    return _form(EMPTY, {})


@users.post("/users/new")
@allow(ADMINS)
def add() -> Response | tuple[str, int]:
    return _save(None)


@users.get("/users/<int:id>")
@allow(ADMINS)
def one(id: int) -> str:
    return _form(_known(id), {})


@users.post("/users/<int:id>")
@allow(ADMINS)
def edit(id: int) -> Response | tuple[str, int]:
    return _save(id, _known(id))


@users.get("/audit")
@allow(ADMINS)
def audit() -> str:
    page = min(max(request.args.get("page", 1, int), 1), 100_000)
    lines = audit_words.lines(_crm(), PER_PAGE + 1, (page - 1) * PER_PAGE)
    return render_template("users/audit.html", lines=lines[:PER_PAGE], more=len(lines) > PER_PAGE, page=page)


def _save(id: int | None, before: dict[str, Any] | None = None) -> Response | tuple[str, int]:
    fields = Fields(request.form)
    values = {
        "login": fields.text("login", 64, needed=True, like=r"[\w.@+-]*[^\W\d][\w.@+-]*"),
        "name": fields.text("name", 100),
        "role": fields.choice("role", ROLES),
        "agent": fields.text("agent", 16, like=r"[0-9]{3,8}") or None,
        "active": fields.ticked("active"),
    }
    password = fields.secret("password", needed=id is None)
    if values["role"] == "agent" and not values["agent"]:
        fields.errors.setdefault("agent", "common.error.needed")
    mark = seen.check(fields, before) if before else ""
    if fields:
        try:
            save_user(_crm(), me().login, id, values, password)
            flash(t("common.saved"), "good")
            return redirect(url_for("users.home"), 303)
        except Unfit as unfit:
            fields.errors[unfit.field] = f"users.error.{unfit.reason}"
    return _form({"id": id, **values}, {name: t(key) for name, key in fields.errors.items()}, mark), 422


def _form(row: dict[str, Any], errors: dict[str, str], mark: str = "") -> str:
    mark = mark or (seen.mark(row) if row["id"] else "")
    return render_template("users/one.html", row=row, errors=errors, roles=ROLES, seen=mark)


def _known(id: int) -> dict[str, Any]:
    row = next((each for each in all_users(_crm()) if each["id"] == id), None)
    if row is None:
        abort(404)
    return row


def _crm() -> Any:
    return current_app.extensions["crm"]
