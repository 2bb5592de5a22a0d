"""Who is at the other end: users with a password, and agents with their number and PIN.

A login lasts while it is used, until its log-out, and as long as the credentials behind it stay what they
were: the signed cookie names it, the table `logins` has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from crm_lite.store import logins
from crm_lite.store.database import Database
from crm_lite.store.passwords import proven
from crm_lite.store.tables import Agent, User
from crm_lite.store.text import clean

from . import guessing

ROLES = ("admin", "supervisor", "agent")


@dataclass(frozen=True, slots=True)
class Person:
    """agent: the number behind the desk, "" for people who take no calls."""

    login: str
    name: str
    role: str
    agent: str = ""
    language: str = ""
    user_id: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A person with what proves who that is."""

    person: Person
    pw_hash: str
    stamp: str  # changes with the credentials


def sign_in(
    db: Database, login: str, secret: str, address: str, now: float, lasts_s: float, browser: str = ""
) -> dict[str, str] | None:
    """Open a login: what to keep in the session, or None. See `prove`."""
    known = prove(db, login, secret, address, now, browser)
    return open_for(db, known, now, lasts_s) if known else None


def open_for(db: Database, known: Known, now: float, lasts_s: float) -> dict[str, str]:
    """Open a login for somebody who has proved who that is: what to keep in the session."""
    token = logins.token()
    db.write(logins.open_login, token, known.person.login, now, lasts_s)
    return {"login": known.person.login, "stamp": known.stamp, "id": token}


def sign_out(db: Database, kept: Any) -> None:
    """End the login of a session, if it has one."""
    if token := _token(kept):
        db.write(logins.end_login, token)


def prove(db: Database, login: str, secret: str, address: str, now: float, browser: str = "") -> Known | None:
    """Who that is, or None. How often somebody may be wrong: guessing.py.

    browser: the mark of a browser in which this login was open before.
    """
    known = db.read(_known, login)
    counted = guessing.buckets(login, address, browser)
    right = proven(db, known.pw_hash if known else None, secret, now, counted, counted[:1])
    return known if right else None


def person_of(db: Database, kept: Any, now: float, lasts_s: float) -> Person | None:
    """The person of a session; None when the login has ended or its credentials have changed."""
    token = _token(kept)
    known, ends_at = db.read(_logged_in, token, now) if token else (None, 0.0)
    if known is None or (known.person.login, known.stamp) != (kept.get("login"), kept.get("stamp")):
        return None
    if ends_at < now + lasts_s - logins.RENEWED_AFTER_S:
        db.write(logins.renew, token, now + lasts_s)
    return known.person


def _token(kept: Any) -> str:
    return str(kept.get("id") or "") if isinstance(kept, dict) else ""


def _logged_in(token: str, now: float) -> tuple[Known | None, float]:
    row = logins.login_of(token, now)
    return (_known(row.login), row.ends_at) if row else (None, 0.0)


def _known(login: str) -> Known | None:
    login = clean(login)
    user = User.get_or_none((User.login == login) & User.active)
    if user and (user.role != "agent" or _works_here(user.agent)):
        person = Person(user.login, user.name, user.role, user.agent or "", user.language, user.id)
        return Known(person, user.password_hash, f"u{user.id}.{user.stamp}")
    agent = _works_here(login)
    if agent and agent.pin_hash:
        stamp = "a" + sha256(agent.pin_hash.encode()).hexdigest()[:16]
        return Known(Person(agent.number, agent.name, "agent", agent.number), agent.pin_hash, stamp)
    return None


def _works_here(number: str | None) -> Agent | None:
    """The agent, unless that one has left: then no other name lets the person in either."""
    return Agent.get_or_none((Agent.number == number) & Agent.active) if number else None
