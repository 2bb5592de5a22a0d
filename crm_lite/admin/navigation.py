"""Which subjects a person sees in the menu, in its order."""

from __future__ import annotations

from .people import Person

_LEADERS = ("wallboard", "interactions", "customers", "agents", "queues", "numbers", "flows", "health")
_OF_ROLE = {
    "admin": (*_LEADERS, "users"),
    "supervisor": _LEADERS,
    "agent": ("interactions", "customers"),
}


def subjects(person: Person | None) -> tuple[str, ...]:
    """Blueprints with a `home`; the desk is first for whoever takes calls."""
    if person is None:
        return ()
    return (("desk",) if person.agent else ()) + _OF_ROLE[person.role]
