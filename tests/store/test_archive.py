"""What leaves the journal for an archive, and that nothing is lost by it: rows made again are the same."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from story import T0, Story, answered_call, opened, voicemail_call

from crm_lite.store.database import Database
from crm_lite.store.projector import Projector
from crm_lite.store.tables import PROJECTED
from switch_app.cli import hotline as cli
from switch_app.core import facts as f
from switch_app.core.errors import Refused
from switch_app.core.work import Work
from switch_app.runtime import journal_archive
from switch_app.runtime.journal_archive import archive, history
from switch_app.runtime.journal_reader import JournalReader
from switch_app.runtime.journal_rows import SCHEMA
from switch_app.supervisor import state

DAY = 86_400.0
CUT = T0 + DAY


@pytest.fixture
def story() -> Story:
    """Day one: a talk and a message, both over. Day two: a call over, one that lasts since day one."""
    told = Story()
    told.add("interaction:i-long", opened("i-long"))
    told.add("floor", f.WorkQueued("i-long", Work(interaction="i-long", queue="sales", waiting_since=T0), "sales", T0))
    answered_call(told, "i-1")
    voicemail_call(told, "i-2")
    told.raw("greetings", "GreetingKept", {})  # any stream that is neither
    told.at = T0 + DAY + 60
    answered_call(told, "i-3")
    return told


@pytest.fixture
def journal(tmp_path: Path, story: Story) -> Path:
    """The story as the call server writes it, with a signal before each fact, and a snapshot of the floor."""
    path = tmp_path / "journal.db"
    db = sqlite3.connect(path)
    db.executescript(f"PRAGMA journal_mode=WAL; {SCHEMA}")
    for entry in story.entries:
        rest = (entry.stream, entry.at)
        db.execute("INSERT INTO entries VALUES (?, ?, 0, ?, 'signal', 'DigitPressed', '{}')", (entry.position - 1, *rest))
        row = (entry.position, entry.stream, entry.version, entry.at, "fact", entry.kind, json.dumps(entry.data))
        db.execute("INSERT INTO entries VALUES (?,?,?,?,?,?,?)", row)
    newest = max(entry.version for entry in story.entries if entry.stream == "floor")
    db.execute("INSERT INTO snapshots VALUES ('floor', ?, '{}')", (newest,))
    db.commit()
    db.close()
    return path


def streams(path: Path) -> set[str]:
    db = sqlite3.connect(path)
    found = {stream for (stream,) in db.execute("SELECT DISTINCT stream FROM entries")}
    db.close()
    return found


def entries(path: Path) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(path)
    found = list(db.execute("SELECT position, stream, version, at, what, kind, data FROM entries ORDER BY position"))
    db.close()
    return found


def rows(db: Database) -> dict[str, list[dict[str, Any]]]:
    return db.read(lambda: {table.__name__: list(table.select().order_by(table._meta.primary_key).dicts()) for table in PROJECTED})


def made_again(db: Database, path: Path, folder: Path) -> dict[str, list[dict[str, Any]]]:
    reader = JournalReader(path)
    Projector(db).rebuild(history(reader, folder))
    reader.close()
    return rows(db)


def of(found: dict[str, list[dict[str, Any]]], ids: set[str]) -> dict[str, list[dict[str, Any]]]:
    return {name: [row for row in table if (row.get("interaction") or row.get("id")) in ids] for name, table in found.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "archive"


def test_closed_ones_of_before_leave_whole_and_the_rest_stays(journal: Path, folder: Path) -> None:
    before = entries(journal)
    told = archive(journal, folder, CUT, 10_000)
    assert told.interactions == 2 and told.file and told.file.parent == folder
    kept = entries(journal)
    assert {row[1] for row in kept} == {"interaction:i-long", "interaction:i-3", "greetings", "floor"}
    with gzip.open(told.file, "rt", encoding="utf-8") as file:
        left = [json.loads(line) for line in file]
    assert [each["position"] for each in left] == sorted({row[0] for row in before} - {row[0] for row in kept})
    names = ("position", "stream", "version", "at", "what", "kind", "data")
    assert [tuple(each[name] if name != "data" else json.dumps(each[name]) for name in names) for each in left] == [
        row for row in before if row not in kept
    ]
    assert told.entries == len(left) and {each["what"] for each in left} == {"fact", "signal"}
    assert [row[5] for row in kept if row[1] == "floor" and row[3] < CUT and row[4] == "fact"] == ["WorkQueued"]  # of i-long
    assert told.file.stat().st_mode & 0o077 == 0


def test_rows_made_again_are_the_same_with_the_archive_and_for_the_rest_without(
    journal: Path, folder: Path, db: Database
) -> None:
    before = made_again(db, journal, folder)
    assert {row["id"] for row in before["Interaction"]} == {"i-1", "i-2", "i-3", "i-long"}
    told = archive(journal, folder, CUT, 10_000)
    assert told.file and made_again(db, journal, folder) == before
    told.file.unlink()
    assert made_again(db, journal, folder) == of(before, {"i-3", "i-long"})


def test_a_second_archive_takes_what_is_over_since_and_both_are_read(journal: Path, folder: Path, db: Database) -> None:
    before = made_again(db, journal, folder)
    first = archive(journal, folder, CUT, 10_000)
    second = archive(journal, folder, CUT + 2 * DAY, 10_000)
    assert (first.interactions, second.interactions) == (2, 0)  # the newest entry stays, and its interaction
    grown = sqlite3.connect(journal)
    grown.execute("INSERT INTO entries VALUES (9999, 'greetings', 99, ?, 'fact', 'WrapUpStarted', '{}')", (CUT + 4 * DAY,))
    grown.commit()
    grown.close()
    third = archive(journal, folder, CUT + 2 * DAY, 10_000)
    assert third.interactions == 1 and len(list(folder.iterdir())) >= 2
    assert made_again(db, journal, folder) == before


def test_nothing_leaves_that_the_crm_has_not_yet(journal: Path, folder: Path, story: Story) -> None:
    closed = next(e.position for e in story.entries if e.kind == "InteractionClosed" and e.stream == "interaction:i-2")
    assert archive(journal, folder, CUT, closed - 1).interactions == 1
    assert "interaction:i-2" in streams(journal)


def test_the_floor_keeps_what_its_snapshot_does_not_hold(journal: Path, folder: Path) -> None:
    changed = sqlite3.connect(journal)
    changed.execute("DELETE FROM snapshots")
    changed.commit()
    changed.close()
    before = [row for row in entries(journal) if row[1] == "floor" and row[4] == "fact"]
    told = archive(journal, folder, CUT, 10_000)
    assert [row for row in entries(journal) if row[1] == "floor" and row[4] == "fact"] == before
    assert told.interactions == 1  # i-1 is told of by the floor, so it stays too


def test_one_that_was_spoken_of_later_stays(journal: Path, folder: Path) -> None:
    later = sqlite3.connect(journal)
    later.execute(
        "INSERT INTO entries VALUES (9999, 'interaction:i-2', 99, ?, 'fact', 'DispositionSet', '{}')", (CUT + 1,)
    )
    later.commit()
    later.close()
    assert archive(journal, folder, CUT, 10_000).interactions == 1
    assert "interaction:i-2" in streams(journal)


def test_nothing_to_archive_makes_no_file(journal: Path, folder: Path) -> None:
    before = entries(journal)
    told = archive(journal, folder, T0, 10_000)
    assert (told.file, told.entries, told.interactions) == (None, 0, 0)
    assert entries(journal) == before and not list(folder.glob("*"))


def test_a_disk_that_refuses_the_file_leaves_the_journal_as_it_was(
    journal: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = entries(journal)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        archive(journal, folder, CUT, 10_000)
    assert entries(journal) == before and not list(folder.glob("*.gz"))


def test_a_crash_between_file_and_journal_doubles_nothing(
    journal: Path, folder: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made_again(db, journal, folder)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(journal_archive, "_forget", crash)
        with pytest.raises(KeyboardInterrupt):
            archive(journal, folder, CUT, 10_000)
    assert list(folder.glob("*.gz")) and len(entries(journal)) > 20
    assert made_again(db, journal, folder) == before
    assert archive(journal, folder, CUT, 10_000).interactions == 2
    assert len(list(folder.glob("*.gz"))) == 1 and made_again(db, journal, folder) == before


def test_positions_go_on_behind_what_has_left(journal: Path, folder: Path) -> None:
    newest = entries(journal)[-1][0]
    archive(journal, folder, CUT + 10 * DAY, 10_000)
    grown = sqlite3.connect(journal)
    grown.execute("INSERT INTO entries (stream, version, at, what, kind, data) VALUES ('floor', 0, 1, 'signal', 'X', '{}')")
    assert grown.execute("SELECT max(position) FROM entries").fetchone()[0] == newest + 1
    grown.close()


# --- the commands -----------------------------------------------------------------------------------


@pytest.fixture
def hotline(tmp_path: Path, journal: Path, db: Database) -> Callable[..., Result]:
    """`hotline ...` on this journal and CRM. T0 is 20:13 on 23 November 2025 in Shanghai."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env={"HOTLINE_VAR": str(tmp_path)})

    return run


def test_the_commands_archive_and_make_the_same_rows_again(
    hotline: Callable[..., Result], db: Database, journal: Path, folder: Path
) -> None:
    before = entries(journal)
    told = hotline("journal", "archive", "--before", "2025-11-24")
    assert told.exit_code == 0 and told.output.startswith("2 interactions, "), told.output
    projected = rows(db)
    assert {row["id"] for row in projected["Interaction"]} == {"i-1", "i-2", "i-3", "i-long"}  # it caught up first
    assert hotline("rebuild").exit_code == 0
    assert rows(db) == projected
    found = json.loads(hotline("journal", "--json").output)
    assert found["entries"] == len(entries(journal)) < len(before) and found["open"] == 1
    newest = datetime.fromtimestamp(before[-1][3], UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert found["newest"] == {"position": before[-1][0], "at": newest}
    assert [Path(each["file"]).parent for each in found["archives"]] == [folder]
    assert "2025-11-24T" in hotline("journal").output


def test_the_size_is_all_that_the_journal_takes(
    hotline: Callable[..., Result], tmp_path: Path, journal: Path, folder: Path
) -> None:
    with closing(sqlite3.connect(journal)) as held:
        held.execute("PRAGMA journal_mode=WAL")
        held.execute("PRAGMA wal_autocheckpoint=0")
        held.execute("CREATE TABLE much (text)")
        held.execute("INSERT INTO much VALUES (zeroblob(3000000))")
        held.commit()
        log = journal.with_name("journal.db-wal").stat().st_size
        folder.mkdir(exist_ok=True)
        (folder / "2025.jsonl.gz").write_bytes(b"x" * 2_000_000)
        found, shown = json.loads(hotline("journal", "--json").output), hotline("journal").output
        assert log > 3_000_000 and found["wal_bytes"] == log
        assert found["bytes"] == journal.stat().st_size + log and found["archives_bytes"] == 2_000_000
    assert re.search(r"megabytes +3\.\d \(with 3\.\d in the -wal\)", shown) and re.search(r"archives, megabytes +2\.0", shown)


@pytest.mark.parametrize("command", [("journal", "archive", "--before", "2025-11-24"), ("rebuild",)], ids=lambda c: c[0])
def test_neither_an_archive_nor_a_rebuild_while_hotline_runs(
    hotline: Callable[..., Result], tmp_path: Path, journal: Path, command: tuple[str, ...]
) -> None:
    before = entries(journal)
    (tmp_path / "run").mkdir()
    held = state.lock(tmp_path / "run")
    try:
        refused = hotline(*command)
        assert hotline("journal").exit_code == 0
    finally:
        os.close(held)
    assert isinstance(refused.exception, Refused) and "already running" in refused.exception.message
    assert entries(journal) == before


def test_no_archive_of_days_to_come(hotline: Callable[..., Result], journal: Path) -> None:
    refused = hotline("journal", "archive", "--before", "2225-11-24")
    assert isinstance(refused.exception, Refused) and refused.exception.id == "future"


def test_a_damaged_archive_stops_a_rebuild_before_it_drops_rows(
    hotline: Callable[..., Result], db: Database, folder: Path
) -> None:
    assert hotline("journal", "archive", "--before", "2025-11-24").exit_code == 0
    before = rows(db)
    [file] = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    refused = hotline("rebuild")
    assert isinstance(refused.exception, Refused) and str(file) in refused.exception.message
    assert rows(db) == before
