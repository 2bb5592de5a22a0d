"""Customers: found by name or number, shown with their history, edited with an audit line."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm_lite.store.edits import Unfit
from crm_lite.store.edits.customers import save_customer, search_customers, tiers
from crm_lite.store.phone_numbers import normalise
from crm_lite.store.queries.customers import customer

from .. import audit_words, seen, sorting
from ..access import EVERYBODY, LEADERS, allow, me
from ..fields import Fields
from ..speaking import t
from ..words import LANGUAGES

customers = Blueprint("customers", __name__, template_folder="templates")

PER_PAGE = 50
BLANK_ROWS = 2
COLUMNS = {"number": False, "name": False, "tier": True, "language": False}
EMPTY: dict[str, Any] = {
    "id": None, "number": "", "name": "", "tier": "bronze", "language": "zh", "note": "", "numbers": [],
    "accounts": [], "interactions": [],
}  # fmt: skip


@customers.get("/customers")
@allow(EVERYBODY)
def home() -> str:
    text = request.args.get("text", "").strip()[:100]
    page = min(max(request.args.get("page", 1, int), 1), 100_000)
    order = sorting.asked(COLUMNS, "name")
    rows = search_customers(_crm(), text, PER_PAGE + 1, (page - 1) * PER_PAGE, order.text)
    return render_template(
        "customers/list.html",
        rows=rows[:PER_PAGE],
        more=len(rows) > PER_PAGE,
        page=page,
        text=text,
        args={"text": text} if text else {},
        order=order,
    )


@customers.get("/customers/new")
@allow(LEADERS)
def new() -> str:
    return _form(EMPTY, {})


@customers.post("/customers/new")
@allow(LEADERS)
def add() -> Response | tuple[str, int]:
    return _save(None, EMPTY)


@customers.get("/customers/<int:id>")
@allow(EVERYBODY)
def one(id: int) -> str:
    row = _known(id)
    lines = audit_words.lines(_crm(), 20, subject=row["number"]) if me().role != "agent" else []
    return render_template("customers/one.html", row=row, lines=lines)


@customers.get("/customers/<int:id>/edit")
@allow(LEADERS)
def edit(id: int) -> str:
    row = _known(id)
    return _form(row, {}, seen.mark(_own(row)))


@customers.post("/customers/<int:id>/edit")
@allow(LEADERS)
def save(id: int) -> Response | tuple[str, int]:
    return _save(id, _known(id))


def _crm() -> Any:
    return current_app.extensions["crm"]


def _known(id: int) -> dict[str, Any]:
    row = customer(_crm(), id) if id < 2**31 else None
    if row is None:
        abort(404)
    return row


def _own(row: dict[str, Any]) -> dict[str, Any]:
    """What the form changes, without what calls add."""
    return {name: row[name] for name in ("name", "tier", "language", "note", "numbers", "accounts")}


def _form(row: dict[str, Any], errors: dict[str, str], mark: str = "") -> str:
    return render_template(
        "customers/edit.html",
        row=row,
        errors=errors,
        tiers=tiers(_crm()),
        blank=BLANK_ROWS,
        languages=LANGUAGES,
        seen=mark,
    )


def _save(id: int | None, row: dict[str, Any]) -> Response | tuple[str, int]:
    fields = Fields(request.form)
    values = {
        "name": fields.text("name", 200, needed=True),
        "tier": fields.choice("tier", tiers(_crm())),
        "language": fields.choice("language", LANGUAGES),
        "note": fields.text("note", 4000),
    }
    typed_phones, phones = _phones(fields)
    typed_accounts, accounts = _accounts(fields)
    mark = seen.check(fields, _own(row)) if id else ""
    if fields:
        try:
            saved = save_customer(_crm(), me().login, id, values, phones, accounts)
            flash(t("common.saved"), "good")
            return redirect(url_for("customers.one", id=saved), 303)
        except Unfit as unfit:
            fields.errors[unfit.field] = f"common.error.{unfit.reason}"
    again = {**row, **values, "numbers": typed_phones, "accounts": typed_accounts}
    return _form(again, {name: t(key) for name, key in fields.errors.items()}, mark), 422


def _phones(fields: Fields) -> tuple[list[str], list[str]]:
    """(as typed, as E.164): one number on each line."""
    typed = [line.strip() for line in fields.text("numbers", 1000).splitlines() if line.strip()]
    phones = [normalise(line) for line in typed]
    if "" in phones or len(phones) > 20:
        fields.errors["numbers"] = "customers.phone_wrong"
    return typed, phones


def _accounts(fields: Fields) -> tuple[list[dict[str, Any]], list[tuple[str, int, str]]]:
    """(as typed, as stored): the rows account-1, balance-1, currency-1 ...; no number, no row."""
    typed: list[dict[str, Any]] = []
    accounts = []
    for row in range(50):
        number = fields.text(f"account-{row}", 32) if f"account-{row}" in fields.typed else ""
        if not number:
            continue
        balance = fields.typed.get(f"balance-{row}", "").strip() or "0"
        currency = fields.typed.get(f"currency-{row}", "").strip().upper() or "CNY"
        typed.append({"number": number, "typed": balance, "currency": currency})
        amount = re.fullmatch(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,2}))?", balance)
        if not amount or not re.fullmatch(r"[0-9]{4,32}", number) or not re.fullmatch(r"[A-Z]{3}", currency):
            fields.errors["accounts"] = "customers.account_wrong"
            continue
        minor = int(amount[2]) * 100 + int((amount[3] or "0").ljust(2, "0"))
        accounts.append((number, -minor if amount[1] else minor, currency))
    return typed, accounts
