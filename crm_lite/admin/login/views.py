"""Sign in and out, language and appearance, the own password."""

from __future__ import annotations

import time

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from crm_lite.store.edits.users import change_password

from .. import browsers
from ..access import EVERYBODY, STRANGERS, allow, me
from ..fields import Fields
from ..navigation import subjects
from ..people import prove, sign_in, sign_out
from ..speaking import t
from ..words import LANGUAGES

login = Blueprint("login", __name__, template_folder="templates")


@login.get("/")
@allow(EVERYBODY)
def home() -> Response:
    return redirect(url_for(f"{subjects(me())[0]}.home"), 303)


@login.get("/login")
@allow(STRANGERS)
def form() -> str:
    return render_template("login/form.html", to=request.args.get("to", ""), failed=False)


@login.post("/login")
@allow(STRANGERS)
def enter() -> Response | tuple[str, int]:
    name, secret = request.form.get("login", "").strip()[:64], request.form.get("secret", "")[:200]
    crm, to = current_app.extensions["crm"], request.form.get("to", "")
    address, browser = request.remote_addr or "", browsers.mark_of(name)
    kept = sign_in(crm, name, secret, address, time.time(), _lasts_s(), browser)
    if kept is None:
        return render_template("login/form.html", to=to, failed=True, name=name), 401
    sign_out(crm, session.get("who"))  # who was here before
    choices = {key: session[key] for key in ("language", "theme") if key in session}
    session.clear()  # nothing that a stranger put there stays
    session.update(who=kept, **choices)
    session.permanent = True
    answer = redirect(_own(to) or url_for("login.home"), 303)
    browsers.remember(answer, name)
    return answer


@login.post("/logout")
@allow(STRANGERS)
def out() -> Response:
    sign_out(current_app.extensions["crm"], session.pop("who", None))
    return redirect(url_for("login.form"), 303)


@login.post("/preferences")
@allow(STRANGERS)
def prefer() -> Response:
    """Language and appearance, kept in the session."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    if request.form.get("theme") in ("light", "dark"):
        session["theme"] = request.form["theme"]
    elif request.form.get("theme") == "auto":
        session.pop("theme", None)
    return redirect(_own(request.form.get("back", "")) or url_for("login.home"), 303)


@login.get("/account")
@allow(EVERYBODY)
def account() -> str:
    return render_template("login/account.html", errors={})


@login.post("/account")
@allow(EVERYBODY)
def set_password() -> Response | tuple[str, int]:
    """A new password; ends this user's logins, and opens one here."""
    person, fields = me(), Fields(request.form)
    new = fields.secret("new")
    if request.form.get("again") != new:
        fields.errors.setdefault("again", "login.differ")
    crm, address = current_app.extensions["crm"], request.remote_addr or ""
    browser = str(session["who"]["id"])  # guesses made here are counted here
    if not prove(crm, person.login, request.form.get("old", "")[:200], address, time.time(), browser):
        fields.errors["old"] = "login.wrong_old"
    if not fields or not person.user_id:
        errors = {name: t(key) for name, key in fields.errors.items()}
        return render_template("login/account.html", errors=errors), 422
    change_password(crm, person.login, person.user_id, new)
    session["who"] = sign_in(crm, person.login, new, address, time.time(), _lasts_s(), browser)
    flash(t("common.saved"), "good")
    return redirect(url_for("login.account"), 303)


def _lasts_s() -> float:
    return current_app.permanent_session_lifetime.total_seconds()


def _own(path: str) -> str:
    """The path if it is one of ours, "" otherwise: nobody is sent to another site."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path.rstrip("?") if fine else ""
