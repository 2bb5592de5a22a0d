"""The journal's promises, on a real file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from switch_app.runtime import checkpoints
from switch_app.runtime.journal import Batch, Journal, JournalReader
from switch_app.runtime.journal_rows import ROWS_AT_ONCE

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    journal.start()
    yield journal
    if not journal.closed:
        journal.close()


def row(version: int, kind: str = "StepEntered", stream: str = "interaction:a") -> tuple[object, ...]:
    return (stream, version, 1.5 + version, "fact", kind, f'{{"n": {version}}}')


def commit(journal: Journal, *rows: tuple[object, ...]) -> None:
    done = Event()
    journal.append(Batch(list(rows), done.set))  # type: ignore[arg-type]
    assert done.wait(5), "not committed in time"


def test_facts_come_back_in_order(journal: Journal) -> None:
    commit(journal, row(1), row(2))
    commit(journal, row(3))
    found = journal.reader().facts_after(0)
    assert [(entry.version, entry.data["n"]) for entry in found] == [(1, 1), (2, 2), (3, 3)]
    assert [entry.version for entry in journal.reader().facts_after(found[1].position)] == [3]


def test_a_batch_of_many_statements_is_kept_whole_and_in_order(journal: Journal) -> None:
    count = 3 * ROWS_AT_ONCE + 7
    commit(journal, *(row(n + 1) for n in range(count)))
    assert [entry.data["n"] for entry in journal.reader().facts_after(0, 2 * count)] == list(range(1, count + 1))


def test_callbacks_run_in_the_order_of_the_batches(journal: Journal) -> None:
    order: list[int] = []
    done = Event()
    for number in range(200):
        journal.append(Batch([row(number + 1)], lambda number=number: order.append(number)))  # type: ignore[list-item,misc]
    journal.append(Batch(then=done.set))
    assert done.wait(5)
    assert order == list(range(200))


def test_what_a_callback_sees_is_on_disk(journal: Journal) -> None:
    seen: list[int] = []
    done = Event()

    def look() -> None:
        seen.append(len(journal.reader().facts_after(0)))
        done.set()

    journal.append(Batch([row(1)], look))  # type: ignore[list-item]
    assert done.wait(5) and seen == [1]


def test_a_callback_that_fails_stops_nobody(journal: Journal) -> None:
    journal.append(Batch([row(1)], lambda: 1 // 0))  # type: ignore[list-item,arg-type,return-value]
    commit(journal, row(2))


def test_open_streams_are_those_without_a_close(journal: Journal) -> None:
    commit(journal, row(1, "InteractionOpened", "interaction:a"), row(1, "InteractionOpened", "interaction:b"))
    commit(journal, row(2, "InteractionClosed", "interaction:a"))
    assert journal.reader().open_streams() == ["interaction:b"]


def test_a_second_history_of_a_stream_is_refused(journal: Journal) -> None:
    commit(journal, row(1))
    commit(journal, row(1))  # the callback comes, as routing goes on; the alarm says so
    assert "UNIQUE" in journal.alarm
    assert len(journal.reader().facts_after(0)) == 1


def test_what_the_guard_refuses_holds_nothing_else_back(journal: Journal) -> None:
    commit(journal, row(1))
    journal.append(Batch([row(2)]))  # type: ignore[list-item]
    journal.append(Batch([row(1)]))  # type: ignore[list-item]
    commit(journal, row(3))
    commit(journal, row(4))
    assert [entry.version for entry in journal.reader().facts_after(0)] == [1, 2, 3, 4]
    assert journal.alarm == "" and journal.lost == 1


@pytest.mark.parametrize("value", ["\ud800", object(), 2**70])
def test_what_cannot_be_stored_at_all_holds_nothing_else_back(journal: Journal, value: object) -> None:
    """And ends no thread: everything waits for its commits."""
    journal.append(Batch([row(1), (*row(2)[:5], value)]))  # type: ignore[list-item]
    commit(journal, row(1, stream="interaction:b"))
    assert [entry.stream for entry in journal.reader().facts_after(0)] == ["interaction:b"]
    commit(journal, row(2, stream="interaction:b"))
    assert journal.alarm == "" and journal.lost == 2


def test_what_the_disk_refuses_to_the_end_is_told_as_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.start()
    commit(journal, row(1))
    journal.limit_pages(journal.limit_pages(0))
    commit(journal, (*row(2)[:5], '{"n": "' + "x" * 200_000 + '"}'), row(3))
    journal.close()
    assert journal.lost == 2 and "2 entries are lost at the end" in caplog.text


def test_a_full_disk_stops_no_call_and_loses_nothing_once_there_is_room(journal: Journal) -> None:
    commit(journal, row(1))
    pages = journal.limit_pages(0)
    journal.limit_pages(pages)  # full
    big = ("interaction:a", 2, 2.0, "fact", "StepEntered", '{"n": "' + "x" * 200_000 + '"}')
    commit(journal, big)
    assert "full" in journal.alarm
    commit(journal, row(3))
    assert len(journal.reader().facts_after(0)) == 1
    journal.limit_pages(1_000_000)  # room again
    commit(journal, row(4))
    assert not journal.alarm and journal.lost == 0
    assert [entry.version for entry in journal.reader().facts_after(0)] == [1, 2, 3, 4]


def test_the_log_goes_into_the_file_beside_the_commits(
    monkeypatch: pytest.MonkeyPatch, journal: Journal
) -> None:
    monkeypatch.setattr(checkpoints, "AFTER_ROWS", 20)
    size = journal.path.stat().st_size
    for version in range(1, 41):
        commit(journal, (*row(version)[:5], '{"n": "' + "x" * 5000 + '"}'))
    until = time.monotonic() + 10
    while journal.path.stat().st_size < size + 50_000 and time.monotonic() < until:
        gevent.sleep(0.02)
    assert journal.path.stat().st_size >= size + 50_000
    assert len(journal.reader().facts_after(0)) == 40 and not journal.alarm


def test_what_was_held_is_written_though_nothing_follows(journal: Journal) -> None:
    """The last call of the evening: its records must not wait in memory for the first of the morning."""
    commit(journal, row(1))
    journal.limit_pages(journal.limit_pages(0))  # full
    commit(journal, ("interaction:a", 2, 2.0, "fact", "StepEntered", '{"n": "' + "x" * 200_000 + '"}'))
    assert "full" in journal.alarm
    journal.limit_pages(1_000_000)  # room again
    until = time.monotonic() + 10
    while journal.alarm and time.monotonic() < until:
        gevent.sleep(0.05)
    assert not journal.alarm
    assert [entry.version for entry in journal.reader().facts_after(0)] == [1, 2]


def test_close_writes_what_is_queued(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.start()
    for number in range(50):
        journal.append(Batch([row(number + 1)]))  # type: ignore[list-item]
    journal.close()
    assert len(JournalReader(tmp_path / "journal.db").facts_after(0)) == 50


def test_what_is_closed_is_whole_without_its_log_though_readers_are_open(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.start()
    commit(journal, row(1))
    reader = journal.reader()
    assert len(reader.facts_after(0)) == 1
    journal.close()
    (tmp_path / "alone.db").write_bytes((tmp_path / "journal.db").read_bytes())
    assert len(JournalReader(tmp_path / "alone.db").facts_after(0)) == 1


def test_a_reader_in_the_middle_keeps_the_end_waiting_for_a_moment_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.start()
    commit(journal, *(row(n + 1) for n in range(300)))
    reading = journal.reader().facts_of("interaction:a")
    next(reading)
    commit(journal, row(301))
    begun = time.monotonic()
    journal.close()
    assert time.monotonic() - begun < 2.0
    assert len(JournalReader(tmp_path / "journal.db").facts_after(0)) == 301


def test_positions_go_on_behind_what_another_has_seen(tmp_path: Path) -> None:
    """After a power cut, or with an older copy put back, the journal may end before what the CRM has."""
    journal = Journal(tmp_path / "journal.db")
    assert journal.go_on_behind(0) == 0
    assert journal.go_on_behind(50) == 50
    assert journal.go_on_behind(49) == journal.go_on_behind(50) == 0
    journal.start()
    commit(journal, row(1))
    journal.close()
    reader = JournalReader(tmp_path / "journal.db")
    assert [entry.position for entry in reader.facts_after(0)] == [51]


def test_what_was_committed_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    program = textwrap.dedent(
        f"""
        import sys, gevent
        from pathlib import Path
        from switch_app.runtime.journal import Batch, Journal
        journal = Journal(Path({str(path)!r})); journal.start()
        def tell(n): print(n, flush=True)
        for n in range(1, 100000):
            journal.append(Batch([("floor", n, 1.0, "fact", "X", "{{}}")], lambda n=n: tell(n)))
            gevent.sleep(0.0001)  # 0 would never let the loop look at the writer's signal
        """
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout
    told = [int(child.stdout.readline() or 0) for _ in range(300)]
    assert told[-1] >= 300, f"the child wrote only {told[-1]}"
    os.kill(child.pid, signal.SIGKILL)
    told += [int(line) for line in child.stdout.read().split("\n")[:-1] if line.strip()]
    child.wait(5)
    kept = [entry.version for entry in JournalReader(path).facts_after(0, 1_000_000)]
    assert kept == list(range(1, len(kept) + 1)), "a history without holes"
    assert len(kept) >= told[-1], "what was told is on disk"


def test_the_hub_goes_on_while_the_disk_works(journal: Journal) -> None:
    laps = 0

    def count() -> None:
        nonlocal laps
        while True:
            laps += 1
            gevent.sleep(0)

    counting = gevent.spawn(count)
    commit(journal, *(row(number + 1) for number in range(20_000)))  # took for ever without runtime/way.py
    counting.kill()
    assert laps > 20
