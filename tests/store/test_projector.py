from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story import T0, Entry, Story, answered_call, opened, voicemail_call

from crm_lite.store import database
from crm_lite.store.database import Database
from crm_lite.store.projector import Projector
from crm_lite.store.queries import interaction, interactions
from crm_lite.store.tables import PROJECTED, Interaction, ProjectorPosition
from switch_app.core import facts

KEYS = (
    "id channel direction from to customer language flow flow_version queue agent outcome opened_at closed_at"
    " wait_s talk_s hold_s recording facts"
).split()


def dump(db: Database) -> dict[str, list[dict[str, Any]]]:
    tables = (*PROJECTED, ProjectorPosition)
    return db.read(
        lambda: {
            table.__name__: list(table.select().order_by(table._meta.primary_key).dicts()) for table in tables
        }
    )


def journal() -> list[Entry]:
    story = Story()
    answered_call(story)
    voicemail_call(story)
    answered_call(story, "i-3")
    return story.entries


def test_what_was_known_late_has_its_own_moments(db: Database) -> None:
    late = Story().add("interaction:i-9", opened("i-9", arrived_at=T0 - 60), 0)
    late.add("interaction:i-9", facts.CallMissed(12.0), 0)
    late.add("interaction:i-9", facts.InteractionClosed("failed", "away", 0.0, 0.0, 0.0, T0 - 48), 0)
    Projector(db).apply(late.entries)
    row = db.read(lambda: Interaction.get_by_id("i-9"))
    assert (row.opened_at, row.closed_at, row.outcome) == (T0 - 60, T0 - 48, "failed")


def test_an_answered_call_becomes_one_row_with_its_timeline(db: Database) -> None:
    Projector(db).apply(answered_call(Story()).entries)
    row = interaction(db, "i-1")
    assert row is not None
    assert list(row) == KEYS
    timeline = row.pop("facts")
    assert row == {
        "id": "i-1", "channel": "voice", "direction": "inbound", "from": "12000000001", "to": "4000",
        "customer": {"id": 7, "number": "C10007", "name": "何志强", "tier": "gold"}, "language": "zh",
        "flow": "main", "flow_version": "f00d" * 16, "queue": "billing", "agent": "1003", "outcome": "answered",
        "opened_at": "2025-11-23T12:13:21.250Z", "closed_at": "2025-11-23T12:13:33.250Z",
        "wait_s": 12.5, "talk_s": 61.0, "hold_s": 9.5, "recording": "recordings/i-1.wav",
    }  # fmt: skip
    assert [fact["kind"] for fact in timeline] == [
        "InteractionOpened", "CustomerIdentified", "LanguageChosen", "QueueEntered", "WorkQueued", "WorkOffered",
        "AgentConnected", "ConversationEnded", "RecordingKept", "DispositionSet", "InteractionClosed",
    ]  # fmt: skip
    assert timeline[5]["data"]["why"]["rule"] == "longest-idle"


def test_a_row_can_be_read_while_the_call_lasts(db: Database) -> None:
    Projector(db).apply(answered_call(Story()).entries[:9])
    row = interactions(db)[0]
    assert (row["outcome"], row["closed_at"], row["agent"], row["wait_s"]) == (None, None, "1003", 12.5)


def test_a_voicemail_is_the_recording(db: Database) -> None:
    Projector(db).apply(voicemail_call(Story()).entries)
    row = interactions(db)[0]
    assert (row["outcome"], row["recording"], row["agent"]) == ("voicemail", "voicemail/i-2.wav", None)


def test_a_lost_recording_is_not_shown(db: Database) -> None:
    story = Story().add("interaction:i", opened("i"))
    story.add("interaction:i", facts.AgentConnected("o", "1001", "l", "q", 1.0, 1.0, "recordings/i.wav"))
    story.add("interaction:i", facts.RecordingLost("recordings/i.wav", "disk full"))
    Projector(db).apply(story.entries)
    assert interactions(db)[0]["recording"] is None


def test_an_overflow_moves_the_row_to_the_other_queue(db: Database) -> None:
    story = (
        Story().add("interaction:i", opened("i")).add("interaction:i", facts.QueueEntered("sales", "", 0, T0))
    )
    story.add("floor", facts.WorkOverflowed("i", "sales", "support", "timeout"))
    Projector(db).apply(story.entries)
    row = interactions(db)[0]
    assert row["queue"] == "support"
    assert row["facts"][-1]["kind"] == "WorkOverflowed"


def test_the_same_entries_again_change_nothing(db: Database) -> None:
    projector = Projector(db)
    projector.apply(journal())
    once = dump(db)
    projector.apply(journal())
    projector.apply(journal()[4:20])
    assert dump(db) == once


@given(cuts=st.lists(st.integers(0, 35), max_size=8), overlap=st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_however_the_journal_is_cut_the_rows_are_the_same(cuts: list[int], overlap: int) -> None:
    entries = journal()
    whole, parts = database.open(":memory:"), database.open(":memory:")
    Projector(whole).apply(entries)
    edges = sorted({0, len(entries), *(cut for cut in cuts if cut < len(entries))})
    for start, end in zip(edges, edges[1:], strict=False):
        Projector(parts).apply(entries[max(0, start - overlap) : end])
    assert dump(parts) == dump(whole)


def test_a_crash_in_the_middle_leaves_neither_rows_nor_position(tmp_path: Path, monkeypatch: Any) -> None:
    db = database.open(tmp_path / "crm.db")
    projector, entries = Projector(db), journal()
    projector.apply(entries[:5])
    before = dump(db)

    class PowerCut(BaseException):
        pass

    execute, statements = db.engine.execute_sql, 0

    def cut(*args: Any, **kwargs: Any) -> Any:
        nonlocal statements
        statements -= 1
        if statements < 0:
            raise PowerCut
        return execute(*args, **kwargs)

    for crash_at in range(8):  # its reads, its rows, its position
        statements = crash_at
        with monkeypatch.context() as crash:
            crash.setattr(db.engine, "execute_sql", cut)
            with pytest.raises(PowerCut):
                projector.apply(entries[5:])
        assert dump(db) == before
    db.close()

    again = database.open(tmp_path / "crm.db")
    fresh = database.open(":memory:")
    Projector(again).apply([entry for entry in entries if entry.position > Projector(again).position()])
    Projector(fresh).apply(entries)
    assert dump(again) == dump(fresh)


def test_a_rebuild_makes_identical_rows(db: Database) -> None:
    story = Story()
    for number in range(150):
        (answered_call if number % 3 else voicemail_call)(story, f"i-{number}")
    projector = Projector(db)
    for start in range(0, len(story.entries), 17):
        projector.apply(story.entries[start : start + 17])
    before = dump(db)
    assert projector.rebuild(iter(story.entries)) == len(story.entries)
    assert dump(db) == before
    assert len(before["Interaction"]) == 150


def test_a_rebuild_that_breaks_off_has_changed_nothing(db: Database) -> None:
    """The feed would go on behind it, and what is in the archives alone would be lost."""
    story = Story()
    for number in range(100):
        answered_call(story, f"i-{number}")
    projector = Projector(db)
    projector.apply(story.entries)
    before, position = dump(db), projector.position()

    def torn() -> Iterator[Any]:
        yield from story.entries[:700]
        raise OSError("the archive ends here")

    with pytest.raises(OSError, match="ends here"):
        projector.rebuild(torn())
    assert (dump(db), projector.position()) == (before, position)


def test_an_unknown_kind_of_fact_is_kept_on_the_timeline(db: Database) -> None:
    story = Story().add("interaction:i", opened("i")).raw("interaction:i", "CustomerSang", {"song": "小苹果"})
    story.raw("floor", "MoonRose", {"phase": "full"})
    Projector(db).apply(story.entries)
    assert interactions(db)[0]["facts"][-1] == {
        "kind": "CustomerSang", "at": "2025-11-23T12:13:22.250Z", "data": {"song": "小苹果"}
    }  # fmt: skip
    assert Projector(db).position() == story.entries[-1].position


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("AgentConnected", {}),
        ("AgentConnected", {"agent": "1001", "queue": "q", "wait_s": "long", "recording": "x"}),
        ("CustomerIdentified", {"customer": None}),
        ("InteractionClosed", {"outcome": "answered"}),
        ("RecordingKept", {"path": "a.wav", "what": "conversation", "duration_s": None}),
    ],
)
def test_a_fact_of_a_wrong_shape_is_logged_and_stops_nothing(
    db: Database, caplog: pytest.LogCaptureFixture, kind: str, data: dict[str, Any]
) -> None:
    story = Story().add("interaction:i", opened("i")).raw("interaction:i", kind, data)
    story.add("interaction:i", facts.InteractionClosed("completed", "", 0.0, 0.0))
    Projector(db).apply(story.entries)
    row = interactions(db)[0]
    assert (row["outcome"], row["agent"], row["customer"]) == ("completed", None, None)
    assert [fact["kind"] for fact in row["facts"]] == ["InteractionOpened", kind, "InteractionClosed"]
    assert f"({kind}) does not fit" in caplog.text


HOSTILE = [
    "Robert'); DROP TABLE interactions;--",
    "a\0b",
    "\ud800 lone",
    "\u202eevil\u202c",
    "x" * 8192,
    'line\r\nbreak "quoted"',
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_caller_name_is_stored_as_text(db: Database, name: str) -> None:
    story = Story().raw("interaction:i", "InteractionOpened", {
        "interaction": "i", "channel": "voice", "direction": "inbound", "leg": "l", "ani": name, "name": name,
        "dnis": name, "flow": "main", "version": "v"})  # fmt: skip
    Projector(db).apply(story.entries)
    row = interactions(db)[0]
    row["from"].encode()
    assert "\0" not in row["from"]
    assert len(row["from"]) <= 128
    assert len(row["facts"][0]["data"]["name"]) == len(name)


def test_entries_out_of_order_are_folded_in_order(db: Database) -> None:
    entries = answered_call(Story()).entries
    Projector(db).apply(list(reversed(entries)))
    straight = database.open(":memory:")
    Projector(straight).apply(entries)
    assert dump(db) == dump(straight)


def test_fact_kinds_that_rows_are_made_of_exist() -> None:
    from crm_lite.store.projections.interactions import _CHANGES
    from crm_lite.store.projections.timeline import INTERNAL

    assert [kind for kind in (*_CHANGES, *INTERNAL) if not hasattr(facts, kind)] == []


def test_a_late_fact_about_a_closed_interaction_still_counts(db: Database) -> None:
    entries = answered_call(Story()).entries
    late = replace(
        entries[-2], position=entries[-1].position + 1, data={"agent": "1", "code": "sold", "note": ""}
    )
    Projector(db).apply([*entries, late])
    assert db.read(lambda: Interaction.get().disposition) == "sold"
