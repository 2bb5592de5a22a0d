"""What is in force survives a start: a file that is broken by then leaves the version before in force."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest

from switch_app.bootstrap.flows_in_force import FlowsInForce
from switch_app.flowfiles.book import Book
from switch_app.runtime.journal import Journal
from switch_app.runtime.journal_archive import archive
from switch_app.speech.lexicon import Lexicon
from switch_app.speech.speech import Speech
from switch_app.speech.voices import Voices

ROOT = Path(__file__).resolve().parents[2]
ONE = "flow: one\nlanguages: [en]\nstart: a\nsteps:\n  a: {type: hangup, reason: %s}\n"
CALLS = "flow: calls\nlanguages: [en]\nstart: a\nsteps:\n  a: {type: subflow, flow: one, next: end}\n"
BROKEN = ["flow: one\nstart: nowhere\nsteps:\n  a: {type: hangup, reason: rejected}\n", "flow: [", ""]


class Place:
    """A folder of flows and conf, and the journal beside it; `start` is a start of the call server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ivr_flows").mkdir()
        (folder / "sounds").mkdir()
        shutil.copytree(
            ROOT / "conf", folder / "conf", ignore=lambda *_: ["freeswitch", "systemd", "hotline.yml"]
        )
        (folder / "conf/numbers.yml").write_text('inbound: {"4000": one}\n', "utf-8")
        (folder / "sounds/prompts.yml").write_text('hello: {file: "tone:%(200,100,440)"}\n', "utf-8")
        self.write("one", ONE % "normal")
        self._journals: list[Journal] = []

    def write(self, name: str, text: str) -> None:
        (self.folder / f"ivr_flows/{name}.yml").write_text(text, encoding="utf-8")

    def start(self) -> FlowsInForce:
        self.stop()
        journal = Journal(self.folder / "journal.db")
        self._journals.append(journal)
        lexicon = Lexicon(self.folder / "sounds")
        speech = Speech(self.folder, Voices({}), lexicon.of)
        book = Book(self.folder / "ivr_flows", self.folder / "conf", self.folder / "sounds")
        flows = FlowsInForce(book, journal, speech, lexicon, lambda _: None)
        reading = journal.reader()
        flows.restore(reading)
        reading.close()
        journal.start()
        flows.keep()
        return flows

    def stop(self) -> None:
        while self._journals:
            self._journals.pop().close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.stop()


def reason(flows: FlowsInForce, name: str = "one") -> str:
    step = flows.book.library.flows[name].steps["a"]
    return step.reason  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_that_is_broken_at_a_start_leaves_the_version_before_in_force(
    place: Place, broken: str
) -> None:
    place.start()
    place.write("one", ONE % "busy")
    place.start()
    place.write("one", broken)
    flows = place.start()
    assert reason(flows) == "busy"
    assert any(each.severity == "error" for each in flows.book.problems)
    assert reason(place.start()) == "busy"  # and at the start after that
    place.write("one", ONE % "rejected")
    assert reason(place.start()) == "rejected"


def test_it_is_the_last_version_in_force_and_not_the_newest_text(place: Place) -> None:
    place.start()
    for word in ("busy", "normal"):  # the first again
        place.write("one", ONE % word)
        place.start()
    place.write("one", BROKEN[0])
    assert reason(place.start()) == "normal"


def test_a_change_while_it_runs_counts_and_a_broken_one_does_not(place: Place) -> None:
    flows = place.start()
    place.write("one", ONE % "busy")
    flows.reload()
    place.write("one", BROKEN[0])
    flows.reload()
    assert reason(place.start()) == "busy"


def test_a_flow_that_enters_a_broken_one_keeps_the_version_it_was_loaded_with(place: Place) -> None:
    place.write("calls", CALLS)
    before = place.start().book.library.flows["calls"]
    place.write("one", "flow: [")
    flows = place.start()
    again = flows.book.library.flows["calls"]
    assert (again.version, again.links) == (before.version, before.links)
    assert reason(flows) == "normal"
    assert again.links["one"] in flows.book.library.by_hash


def test_an_unreadable_file_leaves_it_in_force_and_a_deleted_one_does_not(place: Place) -> None:
    place.start()
    (place.folder / "ivr_flows/one.yml").write_bytes(b"\xff\xfe\x00")
    assert reason(place.start()) == "normal"
    (place.folder / "ivr_flows/one.yml").unlink()
    assert place.start().book.library.flows == {}


def test_the_first_start_with_a_broken_file_serves_what_can_be_read(place: Place) -> None:
    place.write("one", BROKEN[0])
    assert place.start().book.flow_of("inbound", "4000")[0] == "one"


def test_the_place_may_move(place: Place, tmp_path: Path) -> None:
    place.start()
    place.stop()
    place.folder = place.folder.rename(tmp_path.with_name("moved"))
    place.write("one", BROKEN[0])
    flows = place.start()
    assert reason(flows) == "normal"
    assert flows.book.library.flows["one"].file == str(place.folder / "ivr_flows/one.yml")


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ("conf/queues.yml", lambda book: book.queues),
        ("conf/numbers.yml", lambda book: book.numbers),
        ("conf/calendars.yml", lambda book: book.calendars),
        ("sounds/prompts.yml", lambda book: book.prompts),
    ],
)
def test_the_other_files_too(place: Place, file: str, kept: Callable[[Book], object]) -> None:
    before = kept(place.start().book)
    (place.folder / file).write_text("[", encoding="utf-8")
    book = place.start().book
    assert before and kept(book) == before
    assert [Path(each.file).name for each in book.problems if each.severity == "error"] == [Path(file).name]


def test_archiving_the_journal_does_not_lose_it(place: Place) -> None:
    place.start()
    place.stop()
    archive(place.folder / "journal.db", place.folder / "archive", time.time() + 1, 10**9)
    place.write("one", BROKEN[0])
    assert reason(place.start()) == "normal"


def test_a_version_that_cannot_be_restored_does_not_keep_the_server_from_its_start(place: Place) -> None:
    flows = place.start()
    flows.book.library.flows["one"].__dict__["text"] = "flow: ["  # what a later Hotline can't read
    flows.keep()
    place.write("one", BROKEN[0])
    with gevent.Timeout(20):
        assert place.start().book.flow_of("inbound", "4000")[0] == "one"
