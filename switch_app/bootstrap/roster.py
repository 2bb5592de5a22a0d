"""Who works here: the agents of the CRM, for the floor, the linter and the switch."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from crm_lite.store import database, queries

from .. import secrets_store
from ..core import signals as s
from ..core.errors import Refused
from ..core.plain import from_plain
from ..core.work import AgentProfile
from ..flowfiles.book import Book
from ..settings import Settings
from ..supervisor.first_start import renew_accounts
from ..switches.control_line import ControlLine
from .logged import logged

log = logging.getLogger(__name__)


class Roster:
    """`load` at the start, `look` from time to time. `loaded` takes the agents when they have changed."""

    def __init__(
        self,
        settings: Settings,
        crm: database.Database,
        book: Book,
        line: ControlLine,
        loaded: Callable[[s.RosterLoaded], object],
    ) -> None:
        self.alarm = ""  # why the database gives no agents, "" when it does
        self._settings, self._crm, self._book, self._line, self._loaded = settings, crm, book, line, loaded
        self._rows: Any = ([], [])
        self._accounts: list[str] | None = None  # the numbers that have one

    def load(self) -> None:
        """Raises DatabaseError."""
        rows = queries.roster_rows(self._crm)
        if rows == self._rows:
            return
        self._rows = rows
        agents = self._crm.aside(_profiles, rows)
        self._book.agents = agents
        self._loaded(s.RosterLoaded(agents))
        numbers = [agent.agent for agent in agents]
        if numbers != self._accounts:
            self._renew_accounts(numbers)

    def look(self) -> None:
        """The agents in force stay, while the database gives none."""
        try:
            self.load()
            self.alarm = ""
        except database.DatabaseError as error:
            text = f"{type(error).__name__}: {error}"
            if text != self.alarm:
                log.error("the CRM database gives no agents: %s", text)
            self.alarm = text

    def _renew_accounts(self, agents: list[str]) -> None:
        """A new agent's phone can register at once: new account, new directory, reloadxml."""
        with logged("accounts", Refused, secrets_store.SecretsError, OSError):
            self._crm.aside(renew_accounts, self._settings, agents)
            if self._line.is_up:
                self._line.command("reloadxml")
            self._accounts = agents


def _profiles(rows: Any) -> tuple[AgentProfile, ...]:
    agents = enumerate(queries.roster_of(rows))
    return tuple(from_plain(AgentProfile, {**row, "order": rank}) for rank, row in agents)
