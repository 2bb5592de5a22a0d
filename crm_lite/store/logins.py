"""The open logins of the web pages. All functions but `token` run within Database.read or Database.write.

A browser keeps a random token in its cookie; the table has the token's hash alone, so that nobody comes in
with what a copy of the database holds.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

from .tables import Login

RENEWED_AFTER_S = 600.0  # a login that is used lasts longer: written at most that often


def token() -> str:
    """A new one."""
    return secrets.token_urlsafe(24)


def open_login(token: str, login: str, now: float, lasts_s: float) -> None:
    """Keep a login; those that have run out go."""
    Login.delete().where(Login.ends_at <= now).execute()
    Login.create(id=_key(token), login=login, opened_at=now, ends_at=now + lasts_s)


def login_of(token: str, now: float) -> Login | None:
    """The open login with this token."""
    return Login.get_or_none((Login.id == _key(token)) & (Login.ends_at > now))


def renew(token: str, ends_at: float) -> None:
    """It is used: it ends later."""
    Login.update(ends_at=ends_at).where(Login.id == _key(token)).execute()


def end_login(token: str) -> None:
    """Log-out."""
    Login.delete().where(Login.id == _key(token)).execute()


def end_logins(login: str) -> None:
    """All of a person's: the credentials have changed."""
    Login.delete().where(Login.login == login).execute()


def _key(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
