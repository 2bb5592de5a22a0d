from __future__ import annotations

from typing import Any

import pytest
from story import T0, Story, answered_call, opened, voicemail_call

from crm_lite.store import sample
from crm_lite.store.audit import audit_lines, changes, write_audit
from crm_lite.store.database import Database
from crm_lite.store.passwords import ALLOWED, PAUSE_S
from crm_lite.store.projector import Projector
from crm_lite.store.queries import check_pin, find_customer, interactions, roster, roster_rows
from crm_lite.store.queries.interactions import SORTS, _sorted, interaction_rows
from crm_lite.store.tables import Agent, AgentSkill, Customer, User
from switch_app.core import facts

PINS = {number: f"9{number}" for number in sample.AGENTS + sample.DEMO_AGENTS}


@pytest.fixture
def seeded(db: Database) -> Database:
    sample.seed(db, PINS, "open sesame")
    return db


def test_seeding_again_changes_nothing(seeded: Database) -> None:
    def counts() -> Any:
        return seeded.read(
            lambda: (list(Agent.select().dicts()), list(Customer.select().dicts()), User.get().stamp)
        )

    before = counts()
    sample.seed(seeded, dict.fromkeys(PINS, "0000"), "other")
    assert counts() == before
    assert not check_pin(seeded, "1001", "0000")


def test_demo_agents_come_only_with_the_demo(seeded: Database) -> None:
    assert [agent["agent"] for agent in roster(seeded)] == list(sample.AGENTS)
    sample.seed(seeded, PINS, "x", demo=True)
    assert [agent["agent"] for agent in roster(seeded)] == list(sample.AGENTS + sample.DEMO_AGENTS)


def test_seeding_without_a_pin_for_everybody_makes_nothing(db: Database) -> None:
    with pytest.raises(KeyError):
        sample.seed(db, {"1001": "1"}, "x")
    assert roster(db) == []


def test_the_roster_has_levels_and_leaves_out_who_is_inactive(seeded: Database) -> None:
    seeded.write(lambda: Agent.update(active=False).where(Agent.number == "1002").execute())
    first, second = roster(seeded)[:2]
    assert (first["agent"], second["agent"]) == ("1001", "1003")
    assert second["skills"] == {"billing": 9, "mandarin": 10, "english": 6}


@pytest.mark.parametrize(
    "change",
    [
        lambda: Agent.update(name="Renamed").where(Agent.number == "1002"),
        lambda: Agent.update(active=False).where(Agent.number == "1002"),
        lambda: AgentSkill.update(level=1).where(AgentSkill.agent == "1003", AgentSkill.skill == "english"),
        lambda: AgentSkill.delete().where(AgentSkill.agent == "1003", AgentSkill.skill == "english"),
    ],
)
def test_the_rows_of_the_roster_are_others_when_it_is_another(seeded: Database, change: Any) -> None:
    rows, agents = roster_rows(seeded), roster(seeded)
    assert roster_rows(seeded) == rows
    seeded.write(lambda: change().execute())
    assert roster_rows(seeded) != rows and roster(seeded) != agents


@pytest.mark.parametrize("presented", ["12000000001", "+8612000000001", "012000000001", "008612000000001"])
def test_a_customer_is_found_by_number(seeded: Database, presented: str) -> None:
    found = find_customer(seeded, "number", presented)
    assert found is not None
    assert (found["number"], found["tier"], found["priority"]) == ("C10001", "gold", 20)


def test_a_customer_is_found_by_account_with_balances(seeded: Database) -> None:
    found = find_customer(seeded, "account", "88020003")
    assert found is not None
    assert found["accounts"][1] == {
        "number": "88020003", "balance": -55.0, "balance_minor": -5500, "currency": "CNY"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "value"),
    [("number", ""), ("number", "1001"), ("number", "anonymous"), ("account", ""), ("account", "' OR 1=1 --"),
     ("number", "0000000"), ("number", "\0"), ("account", "8801000_"), ("account", "\0"), ("account", "\ud800"), ("number", "1234567\0\ud800")],
)  # fmt: skip
def test_nobody_is_found_by_nonsense(seeded: Database, by: str, value: str) -> None:
    assert find_customer(seeded, by, value) is None


def test_customers_are_found_in_two_ways_only(seeded: Database) -> None:
    with pytest.raises(ValueError, match="number or account"):
        find_customer(seeded, "name", "x")


def test_the_last_interactions_come_with_the_customer(seeded: Database) -> None:
    customer = find_customer(seeded, "number", "12000000006")
    assert customer is not None
    story = Story()
    for number in range(7):
        own = f"interaction:i-{number}"
        story.add(own, opened(f"i-{number}")).add(own, facts.CustomerIdentified(customer, "number"))
    Projector(seeded).apply(story.entries)
    again = find_customer(seeded, "number", "12000000006")
    assert again is not None
    assert [last["id"] for last in again["interactions"]] == ["i-6", "i-5", "i-4", "i-3", "i-2"]


def test_pins(seeded: Database) -> None:
    assert check_pin(seeded, "1001", "91001")
    assert not check_pin(seeded, "1001", "91002")
    assert not check_pin(seeded, "1999", "91999")
    assert not check_pin(seeded, "1001", "")
    seeded.write(lambda: Agent.update(active=False).where(Agent.number == "1001").execute())
    assert not check_pin(seeded, "1001", "91001")


def test_after_wrong_pins_in_a_row_even_the_right_one_waits(seeded: Database) -> None:
    for _ in range(ALLOWED):
        assert not check_pin(seeded, "1001", "1", now=T0)
    assert not check_pin(seeded, "1001", "91001", now=T0 + PAUSE_S - 1)
    assert check_pin(seeded, "1002", "91002", now=T0)
    assert check_pin(seeded, "1001", "91001", now=T0 + PAUSE_S + 1)


def test_a_right_pin_forgets_the_wrong_ones(seeded: Database) -> None:
    for _ in range(3):
        for _ in range(ALLOWED - 1):
            check_pin(seeded, "1001", "1", now=T0)
        assert check_pin(seeded, "1001", "91001", now=T0)


@pytest.fixture
def history(db: Database) -> Database:
    story = answered_call(Story())
    voicemail_call(story)
    story.add("interaction:i-3", opened("i-3", ani="4711", name="100% _real_"))
    Projector(db).apply(story.entries)
    return db


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["i-3", "i-2", "i-1"]),
        ({"outcome": "voicemail"}, ["i-2"]),
        ({"agent": "1003"}, ["i-1"]),
        ({"queue": ""}, ["i-3", "i-2", "i-1"]),
        ({"open": True}, ["i-3"]),
        ({"open": False}, ["i-2", "i-1"]),
        ({"text": "志强"}, ["i-1"]),
        ({"text": "c10007"}, ["i-1"]),
        ({"text": "0090"}, ["i-2"]),
        ({"text": "BOB"}, ["i-2"]),
        ({"text": "bill again"}, ["i-1"]),
        ({"text": "i-2"}, ["i-2"]),
        ({"text": "+86 120-0000 0001"}, ["i-1"]),
        ({"text": "009 0"}, ["i-2"]),
        ({"text": "0%"}, ["i-3"]),
        ({"text": "_real"}, ["i-3"]),
        ({"text": "%"}, ["i-3"]),
        ({"text": "' OR '1'='1"}, []),
        ({"text": "\0"}, []),
        ({"text": "\ud800"}, []),
        ({"queue": "\0\udcff"}, []),
        ({"without_direction": "inbound"}, []),
        ({"text": '"; DROP TABLE interactions; --'}, []),
        ({"opened_from": T0 + 14}, ["i-3", "i-2"]),
        ({"opened_to": T0 + 14}, ["i-1"]),
    ],
)
def test_interactions_are_filtered(history: Database, filters: dict[str, Any], ids: list[str]) -> None:
    assert [row["id"] for row in interactions(history, 10, filters)] == ids
    assert [row["id"] for row in interaction_rows(history, 10, filters)] == ids


def test_interactions_are_paged(history: Database) -> None:
    assert [row["id"] for row in interactions(history, 1, offset=1)] == ["i-2"]
    assert interactions(history, 0) == []


@pytest.mark.parametrize(
    ("sort", "index"),
    [("-opened", "interaction_opened_at"), ("opened", "interaction_opened_at"),
     ("-waited", "interactions_wait_s_opened_at"), ("-talked", "interactions_talk_s_opened_at"),
     ("-to", "interactions_dnis_opened_at"), ("-agent", "interaction_agent"), ("outcome", "interaction_outcome")],
)  # fmt: skip
def test_large_lists_are_sorted_by_an_index(history: Database, sort: str, index: str) -> None:
    def plan() -> str:
        text, values = _sorted({"without_direction": "internal"}, sort).limit(51).sql()
        return str(history.engine.execute_sql(f"EXPLAIN QUERY PLAN {text}", values).fetchall())

    assert f"USING INDEX {index}" in history.read(plan)


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_has_all_rows_and_turns_round(history: Database, sort: str) -> None:
    both = [[row["id"] for row in interaction_rows(history, sort=way + sort)] for way in ("", "-")]
    assert sorted(both[0]) == sorted(both[1]) == ["i-1", "i-2", "i-3"]
    first = [row["id"] for row in interaction_rows(history, 1, sort=sort)]
    assert first + [row["id"] for row in interaction_rows(history, 2, offset=1, sort=sort)] == both[0]


def test_an_unknown_order_is_an_error(history: Database) -> None:
    with pytest.raises(ValueError, match="colour"):
        interaction_rows(history, sort="-colour")


def test_an_unknown_filter_is_an_error(history: Database) -> None:
    with pytest.raises(ValueError, match="colour"):
        interactions(history, 1, {"colour": "red"})


def test_audit_lines_newest_first(db: Database) -> None:
    db.write(write_audit, "anna", "agent.edited", "1001", "name: a -> b", 1.0)
    db.write(write_audit, "anna", "agent.edited", "1002", "", 2.0)
    assert [line["subject"] for line in audit_lines(db)] == ["1002", "1001"]
    (line,) = audit_lines(db, subject="1001")
    assert (line["detail"], line["changes"]) == ("name: a -> b", None)


@pytest.mark.parametrize("detail", ["[not json", '["a"]', "[[1, 2]]", "[]x", '{"a": 1}', ""])
def test_a_detail_that_is_no_list_of_changes_is_a_text(db: Database, detail: str) -> None:
    db.write(write_audit, "anna", "x", "1", detail)
    assert audit_lines(db)[0]["changes"] is None


def test_changes_come_back_as_they_were_written_but_for_the_longest(db: Database) -> None:
    told = changes({"name": "a", "active": True, "same": 1}, {"name": "b; c → d\0", "active": False, "same": 1, "note": "x" * 9000})
    db.write(write_audit, "anna", "agent.edited", "1", told)
    (line,) = audit_lines(db)
    assert line["changes"][:2] == [["name", "a", "b; c → d\0"], ["active", True, False]]
    assert line["changes"][2] == ["note", None, "x" * 1000]
