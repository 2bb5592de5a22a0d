"""The browsers in which a login was open before, each by a mark of its own in a signed cookie.

The mark lets nobody in; it gives the login's owner a count of wrong guesses that strangers can't fill (the
device cookies of owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
"""

from __future__ import annotations

import secrets
from hashlib import sha256

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

LASTS_S = 180 * 86400
MOST = 20  # logins of one browser: desks are shared
_SALT = "browsers"


def mark_of(login: str) -> str:
    """This browser's mark for the login, "" where it was never open."""
    return _marks().get(_name(login), "")


def remember(response: Response, login: str) -> None:
    """The login is open in this browser now: it keeps, or gets, its mark."""
    name = _name(login)
    marks = {key: value for key, value in _marks().items() if key != name}
    marks = dict([*marks.items(), (name, mark_of(login) or secrets.token_hex(16))][-MOST:])
    response.set_cookie(
        _cookie(),
        _serializer().dumps(marks),
        max_age=LASTS_S,
        httponly=True,
        samesite="Lax",
        secure=current_app.session_interface.get_cookie_secure(current_app),
        path="/",
    )


def _marks() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(_cookie(), ""))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _name(login: str) -> str:
    """Whoever finds the cookie does not read in it who works here."""
    return sha256(f"{current_app.secret_key!r}{login}".encode("utf-8", "replace")).hexdigest()[:16]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=_SALT)


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_known"
