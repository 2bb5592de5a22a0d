"""The roster of the CRM comes to the floor: once for each change, with the accounts of who is new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_lite.store import database
from crm_lite.store.tables import Agent, AgentSkill
from switch_app import settings as settings_
from switch_app.bootstrap.roster import Roster
from switch_app.flowfiles.book import Book
from switch_app.settings import Settings
from switch_app.switches.control_line import ControlLine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_.load({"HOTLINE_VAR": str(tmp_path)}, ROOT)
    found.run_dir.mkdir(parents=True)
    return found


def made(**row: Any) -> None:
    Agent.create(**row)
    AgentSkill.create(agent=row["number"], skill="billing", level=5)


def test_what_has_changed_is_told_once_and_accounts_are_made_for_new_numbers_alone(settings: Settings) -> None:
    """The accounts of thousands take longer than a caller should hear nothing for."""
    crm = database.open(":memory:")
    book = Book(settings.flows, settings.conf, settings.sounds)
    told: list[Any] = []
    accounts = settings.run_dir / "switch" / "directory" / "agents.xml"
    roster = Roster(settings, crm, book, ControlLine("127.0.0.1", 1, "pw"), told.append)
    crm.write(made, number="1001", name="Li")
    roster.look()
    roster.look()
    assert [signal.agents for signal in told] == [book.agents]
    assert "1001" in accounts.read_text()

    accounts.unlink()
    crm.write(lambda: AgentSkill.update(level=6).execute())
    roster.look()
    assert [agent.skills for agent in told[-1].agents] == [{"billing": 6}]
    assert len(told) == 2 and not accounts.exists()

    crm.write(made, number="1002", name="Wang")
    roster.look()
    assert [(agent.agent, agent.order) for agent in told[-1].agents] == [("1001", 0), ("1002", 1)]
    assert "1001" in accounts.read_text() and "1002" in accounts.read_text()
    crm.close()
