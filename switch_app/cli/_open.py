"""What several commands open: the CRM's rows and the running call server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.errors import Refused
from ..runtime.control_client import ControlClient
from ..settings import Settings, load
from ..supervisor import lifeline, state

if TYPE_CHECKING:
    from crm_lite.store.database import Database


def control(settings: Settings | None = None) -> ControlClient:
    """The running call server's control socket; `ask` raises ConnectionError when none runs."""
    return ControlClient((settings or load()).control_socket)


def service() -> Settings:
    """What a process of `hotline run` does first. Raises Refused when a person starts it beside a whole copy:
    a second one would take the first one's sockets and write into its journal."""
    tied = lifeline.tie()
    settings = load()
    if not tied and state.is_alive(settings.run_dir):
        raise Refused(
            "second_copy",
            f"`hotline run` runs on {settings.var} and has started this already. "
            "Remedy: nothing, or set HOTLINE_VAR to another folder",
        )
    return settings


@contextmanager
def crm(settings: Settings | None = None) -> Iterator[Database]:
    """The CRM's rows. Raises Refused before the first start."""
    from crm_lite.store import database

    settings = settings or load()
    if not settings.database and not (settings.var / "crm.db").exists():
        raise Refused(
            "no_database",
            f"there is no database in {settings.var} yet. Remedy: start Hotline once (scripts/run)",
        )
    db = database.open(settings.crm_database, migrate=False)
    try:
        yield db
    finally:
        db.close()
