"""Flows on disk: versions, reload in place, broken changes, and finding a version again after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from flow_line import Line

from switch_app.core import facts as f
from switch_app.core.flow.check import Around, check_all
from switch_app.flowfiles.book import Book
from switch_app.flowfiles.flow_file import restore
from switch_app.flowfiles.library import Library, load_all
from switch_app.flowfiles.numbers import load_numbers

ROOT = Path(__file__).parents[2]
ONE = "flow: one\nstart: first\nsteps:\n  first: {type: play, say: %s, next: end}\n"
CALLS = "flow: calls\nstart: first\nsteps:\n  first: {type: subflow, flow: one, next: end}\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")


def checked(folder: Path) -> Library:
    return load_all(folder, lambda flows: check_all(flows, Around(flows)))


def test_a_valid_change_serves_new_calls_and_a_running_call_keeps_its_version(tmp_path: Path) -> None:
    write(tmp_path, "one", ONE % "welcome")
    library = checked(tmp_path)
    old = library.flows["one"]
    line = Line(old)
    write(tmp_path, "one", "flow: one\nstart: first\nsteps:\n  first: {type: hangup}\n")
    changes = library.reload()
    assert (changes.changed, changes.kept, changes.added, changes.removed) == (("one",), (), (), ())
    assert library.flows["one"].version != old.version
    line.change_world(flows=library.by_hash)
    line.played()
    assert (line.last.ended, line.told(f.StepFailed)) == ("completed", [])


@pytest.mark.parametrize(
    "broken",
    [
        "flow: one\nstart: first\nsteps:\n  first: {type: plya}\n",
        "flow: one\nstart: nowhere\nsteps:\n  first: {type: hangup}\n",
        "flow: [",
        "",
    ],
)
def test_a_broken_change_leaves_the_old_one_in_force_and_says_so(tmp_path: Path, broken: str) -> None:
    write(tmp_path, "one", ONE % "welcome")
    write(tmp_path, "calls", CALLS)
    library = checked(tmp_path)
    before = dict(library.flows)
    write(tmp_path, "one", broken)
    changes = library.reload()
    assert changes.kept == ("calls", "one")
    assert library.flows == before
    assert any(problem.severity == "error" for problem in library.problems)
    write(tmp_path, "one", ONE % "goodbye")
    assert library.reload().changed == ("calls", "one")
    assert library.problems == ()


def test_at_the_start_a_flow_with_problems_serves_if_it_can_be_read(tmp_path: Path) -> None:
    write(tmp_path, "one", "flow: one\nstart: first\nsteps:\n  first: {type: play, say: a, next: nowhere}\n")
    write(tmp_path, "two", "flow: two\nstart: first\nsteps:\n  first: {type: nothing}\n")
    library = checked(tmp_path)
    assert list(library.flows) == ["one"]
    assert {problem.rule for problem in library.problems} == {"unknown-step", "unknown-type"}


def test_a_version_covers_what_it_enters(tmp_path: Path) -> None:
    write(tmp_path, "one", ONE % "welcome")
    write(tmp_path, "calls", CALLS)
    library = checked(tmp_path)
    calls = library.flows["calls"]
    assert calls.links == {"one": library.flows["one"].version}
    write(tmp_path, "one", ONE % "goodbye")
    assert library.reload().changed == ("calls", "one")
    assert library.by_hash[calls.version].links == calls.links


def test_a_stored_version_is_found_again_with_the_same_hash(tmp_path: Path) -> None:
    write(tmp_path, "one", ONE % "welcome")
    write(tmp_path, "calls", CALLS)
    for flow in checked(tmp_path).flows.values():
        assert restore(flow.text, flow.file, flow.links).version == flow.version
    with pytest.raises(ValueError, match="unknown step type"):
        restore("flow: x\nstart: a\nsteps: {a: {type: gone}}", "x.yml", {})


def test_a_removed_file_removes_its_flow_but_not_for_running_calls(tmp_path: Path) -> None:
    write(tmp_path, "one", ONE % "welcome")
    library = checked(tmp_path)
    version = library.flows["one"].version
    (tmp_path / "one.yml").unlink()
    assert library.reload().removed == ("one",)
    assert library.flows == {} and version in library.by_hash


def test_the_samples_are_sound_and_every_number_leads_somewhere() -> None:
    book = Book(ROOT / "ivr_flows", ROOT / "conf", ROOT / "sounds")
    book.reload(logged=False)
    assert [str(p) for p in book.problems if p.severity == "error"] == []
    numbers, _ = load_numbers(ROOT / "conf/numbers.yml", book.library.flows)
    assert numbers
    assert book.flow_of("inbound", "4000")[0] == "main"
    assert book.flow_of("inbound", "99999")[0] == "unknown_number"
    assert book.flow_of("agents", "*11")[0] == "agent_log_in"
    assert book.flow_of("agents", "*99") == ("unknown_code", "unknown_code", "")
    assert numbers.numbers("agents") == ("*11", "*12", "*13", "*14", "*15", "*16")
    assert book.calendars["office"].week[1] == ((540, 1080),)


def test_a_broken_queue_file_keeps_queues_and_flows(tmp_path: Path) -> None:
    for name in ("numbers.yml", "queues.yml", "calendars.yml"):
        (tmp_path / name).write_text((ROOT / "conf" / name).read_text(encoding="utf-8"), encoding="utf-8")
    book = Book(ROOT / "ivr_flows", tmp_path, ROOT / "sounds")
    book.reload(logged=False)
    queues, flows = book.queues, dict(book.library.flows)
    (tmp_path / "queues.yml").write_text("sales: {choice: wrong}", encoding="utf-8")
    assert book.changed()
    book.reload(logged=False)
    assert (book.queues, book.library.flows) == (queues, flows)
    assert [p.rule for p in book.problems if p.severity == "error"] == ["unknown-choice"]


def test_an_agents_unknown_code_is_refused_in_the_language_of_the_others(tmp_path: Path) -> None:
    """It is no customer: neither the public flow for unknown numbers nor the operator queue."""
    (tmp_path / "numbers.yml").write_text(
        'inbound: {default: {flow: unknown_number}}\nagents: {"*11": {flow: agent_log_in, language: en}}\n', "utf-8"
    )
    book = Book(ROOT / "ivr_flows", tmp_path, ROOT / "sounds")
    book.reload(logged=False)
    assert book.flow_of("agents", "*99") == ("unknown_code", "unknown_code", "en")
    assert book.flow_of("agents", "")[0] == "unknown_code"


@pytest.mark.parametrize("steps", ["[{type: play}]", "hello", "7", "", "{first: [a]}", "{first: {flow: [a]}}"])
def test_steps_of_a_wrong_form_are_a_problem_of_that_file_alone(steps: str, tmp_path: Path) -> None:
    write(tmp_path, "one", ONE % "welcome")
    write(tmp_path, "two", f"flow: two\nstart: first\nsteps: {steps}\n")
    library = checked(tmp_path)
    assert list(library.flows) == ["one"]
    assert {Path(problem.file).name for problem in library.problems} == {"two.yml"}


def test_a_number_may_only_choose_a_language_that_its_flow_speaks(tmp_path: Path) -> None:
    write(tmp_path, "one", "languages: [zh, en]\n" + ONE % "welcome")
    flows = checked(tmp_path).flows
    (tmp_path / "numbers.yml").write_text("inbound:\n  4000: {flow: one, language: fr}\n  4001: {flow: one, language: en}\n")
    numbers, [problem] = load_numbers(tmp_path / "numbers.yml", flows)
    assert numbers is None
    assert (problem.rule, problem.line, problem.column) == ("unknown-language", 2, 31)
    assert problem.message == "the flow one does not speak fr"


@pytest.mark.parametrize("text", ["", "# none yet\n", "{}\n"])
def test_a_calendar_is_unknown_where_the_file_has_none(text: str, tmp_path: Path) -> None:
    flow = "flow: one\nstart: a\nsteps:\n  a: {type: hours, calendar: office, open: b, closed: b}\n  b: {type: queue, queue: sales, timeout: end}\n"
    write(tmp_path, "one", flow)
    conf = tmp_path / "conf"
    conf.mkdir()
    for name in ("calendars", "queues", "numbers"):
        write(conf, name, text)
    book = Book(tmp_path, conf, ROOT / "sounds")
    book.reload(logged=False)
    assert {"unknown-calendar", "unknown-queue"} <= {problem.rule for problem in book.problems}
