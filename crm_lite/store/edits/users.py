"""Users of the web pages."""

from __future__ import annotations

from typing import Any

from ..audit import changes, write_audit
from ..database import Database
from ..logins import end_logins
from ..passwords import hashed
from ..tables import Agent, User
from . import Unfit

ROLES = ("admin", "supervisor", "agent")


def users(db: Database) -> list[dict[str, Any]]:
    """All users by login, without their hashes."""
    columns = (User.id, User.login, User.name, User.role, User.agent, User.language, User.active)
    return db.read(lambda: list(User.select(*columns).order_by(User.login).dicts()))


def save_user(db: Database, who: str, id: int | None, values: dict[str, Any], password: str = "") -> int:
    """Make (id None) or change a user; a new password, role or state ends the user's logins. Returns the id.

    values: login, name, role, agent (number or None), active. Raises Unfit; the last active admin stays one.
    """
    pw_hash = db.aside(hashed, password) if password else ""
    return db.write(_save, who, id, values, pw_hash)


def change_password(db: Database, who: str, id: int, password: str) -> None:
    """The user's own new password; it ends all of the user's logins."""
    pw_hash = db.aside(hashed, password)

    def change() -> None:
        User.update(password_hash=pw_hash, stamp=User.stamp + 1).where(User.id == id).execute()
        end_logins(User.get_by_id(id).login)
        write_audit(who, "user.password", who)

    db.write(change)


def _save(who: str, id: int | None, values: dict[str, Any], pw_hash: str) -> int:
    if User.select().where((User.login == values["login"]) & (User.id != (id or 0))).exists():
        raise Unfit("login", "taken")
    row = User.get_or_none(User.id == id) if id else User(password_hash="")
    if row is None:
        raise Unfit("login", "unknown")
    before = {name: getattr(row, name) for name in values} if id else {}
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    if changed.get("agent") and not Agent.select().where(Agent.number == changed["agent"]).exists():
        raise Unfit("agent", "no_agent")
    for name, value in changed.items():
        setattr(row, name, value)
    if pw_hash:
        row.password_hash = pw_hash
    if pw_hash or changed.keys() & {"login", "role", "active", "agent"}:
        row.stamp = (row.stamp or 0) + 1
        end_logins(before.get("login", row.login))
    row.save()
    if not User.select().where((User.role == "admin") & User.active).exists():
        raise Unfit("role", "last_admin")  # rolls back
    told = changes(before, values)
    if pw_hash and id:
        told.append(("password", None, ""))  # that it is a new one
    write_audit(who, "user.edited" if id else "user.created", values["login"], told)
    return int(row.id)
