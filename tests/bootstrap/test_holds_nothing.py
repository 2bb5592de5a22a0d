"""The call server holds nothing of a call that is over, however it ended.

All of it runs here, against a scripted switch over real sockets: so that its objects can be counted after so
many calls, and after as many again. What is kept on purpose (the last ended legs, caches of texts) has a bound,
which the first calls reach.
"""

from __future__ import annotations

import logging
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

import gevent
import pytest
from starting import ROOT, free_port

from switch_app.bootstrap.process import CallServerProcess
from switch_app.core.acd import evolve
from switch_app.core.errors import Refused
from switch_app.runtime import http, journal_rows
from switch_app.settings import load
from switch_app.supervisor import first_start
from switch_app.switches import caller, messages, voice
from switch_app.testing.holdings import grown, holdings
from switch_app.testing.scripted_leg import Leg
from switch_app.testing.scripted_switch import ScriptedPhone, ScriptedSwitch

CALLS = 104  # a round: each kind of call eight times
AT_ONCE = 16
SLACK = 4  # what is under way by itself (timers, a look of the reconciler) comes and goes
AGENTS = ("1001", "1002", "1003", "1004", "1005", "1006")
SILENCE = "{silence: 20}"
FLOW = f"""
flow: held
languages: [en]
start: ask
on_error: bye
on_hangup: note
steps:
  ask:
    type: menu
    say: [{SILENCE}]
    first_digit_s: 1
    retries: 0
    choices: {{1: wait, 2: message, 3: away, 4: web, 5: look}}
    no_input: bye
    invalid: bye
  wait: {{type: queue, queue: held, answered: after, timeout: bye, empty: bye, full: bye}}
  after: {{type: play, say: [{SILENCE}], next: bye}}
  message:
    type: voicemail
    box: service
    say: [{SILENCE}]
    thanks_say: [{SILENCE}]
    empty_say: [{SILENCE}]
    min_s: 0
    silence_s: 1
    max_s: 2
    next: bye
  away: {{type: transfer, to: "1006", ring_s: 1, done: bye, failed: bye}}
  web: {{type: http, url: "http://127.0.0.1:1/", timeout_s: 1, retries: 0, ok: bye, failed: bye}}
  look: {{type: lookup, by: number, found: wait, unknown: bye}}
  bye: {{type: hangup}}
  note: {{type: set, values: {{left: true}}, next: end}}
"""
QUEUES = """
operator: {}
held: {ring_s: 3, wrap_up_s: 0, no_answer_delay_s: 0, max_no_answer: 0, announce_first_s: 0, announce_every_s: 0}
"""


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    monkeypatch.setattr(voice, "REMEMBERED", 20)
    monkeypatch.setattr(evolve, "GAPS", 3)
    monkeypatch.setattr(http, "THREADS", 1)
    monkeypatch.setattr(journal_rows, "ROWS_AT_ONCE", 8)
    monkeypatch.setattr(caller, "HOLD_S", 0.5)
    monkeypatch.setattr(caller, "QUIET_S", 0.2)
    monkeypatch.setattr(messages, "OVERTAKEN_S", 0.2)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # a kept record keeps its arguments
    centre = Centre(tmp_path)
    try:
        yield centre
    finally:
        centre.stop()


class Centre:
    """The call server, its switch, and people who do all that people do."""

    def __init__(self, folder: Path) -> None:
        conf, flows = folder / "conf", folder / "flows"
        conf.mkdir()
        flows.mkdir()
        shutil.copy(ROOT / "conf" / "calendars.yml", conf)
        (conf / "trunks.yml").write_text("{}\n")
        (conf / "numbers.yml").write_text("inbound: {4000: {flow: held}}\nagents: {}\n")
        (conf / "queues.yml").write_text(QUEUES)
        (flows / "held.yml").write_text(FLOW.lstrip())
        self.settings = load({
            "HOTLINE_VAR": str(folder / "var"), "HOTLINE_CONF": str(conf), "HOTLINE_FLOWS": str(flows),
            "HOTLINE_SIP": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
            "HOTLINE_CALL_SERVER": f"127.0.0.1:{free_port()}",
            "HOTLINE_EVENT_SOCKET": f"127.0.0.1:{free_port()}",
            "HOTLINE_VOICES_ZH": "none", "HOTLINE_VOICES_EN": "none",
        })  # fmt: skip
        first_start.make_folders(self.settings)
        secrets = first_start.prepare(self.settings, demo=False)
        address = self.settings.call_server
        self.switch = ScriptedSwitch(
            secrets.esl_password, (address.host, address.port), self.settings.event_socket.port, interlude_s=0.05
        )
        self.switch.start()
        self.process = CallServerProcess(self.settings)
        self.process.start()
        self.ask = self.process.control.commands
        self.random = Random(1)
        until(lambda: self.process.line.is_up)
        for number in AGENTS:
            self.switch.phones[number] = ScriptedPhone(answer_after_s=0.005)
            self.ask["presence"](number, "logged_in", contact=number)

    def stop(self) -> None:
        self.process.stop()
        self.switch.stop()

    # --- calls ------------------------------------------------------------------------------------------
    def round(self, dies: bool = False) -> None:
        """Many calls, and mishaps of the switch; returns when all is over."""
        self.switch.phones["1005"].reject_with = 486
        left = CALLS
        living: list[gevent.Greenlet] = []
        while left or living:
            living = [each for each in living if not each.ready()]
            while left and len(living) < AT_ONCE:
                living.append(gevent.spawn(KINDS[left % len(KINDS)], self))
                left -= 1
                if dies and left == CALLS // 4:
                    gevent.spawn(self.die)
                if left == CALLS // 2:
                    self.switch.cut_lines()
            self.everybody_ready()
            gevent.sleep(0.01)
        until(lambda: self.process.line.is_up)
        until(lambda: not self.switch.legs and not self.process.turns.interactions, self.rest)
        until(self.all_are_ready, self.everybody_ready)

    def rest(self) -> None:
        for leg in list(self.switch.legs.values()):
            leg.hang_up()
        self.process.reconciler.look()

    def all_are_ready(self) -> bool:
        return all(self.process.turns.floor.tables.agents[number].state == "ready" for number in AGENTS)

    def die(self) -> None:
        self.switch.die()
        self.switch.start()

    def holdings(self) -> Counter[str]:
        self.switch.commands.clear()
        return holdings()

    def everybody_ready(self) -> None:
        for number in AGENTS:
            if self.process.turns.floor.tables.agents[number].state in ("missed", "not_ready", "logged_in"):
                with suppress(Refused):
                    self.ask["presence"](number, "ready")

    def call(self, *keys: str) -> Leg:
        leg = self.switch.arrives(f"1380000{self.random.randrange(10_000):04d}", "4000")
        for key in keys:
            wait(lambda: leg.answered)
            leg.press(key)
        return leg


def until(
    holds: Callable[[], object],
    meanwhile: Callable[[], object] = lambda: None,
    told: Callable[[], object] = lambda: "",
) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, told()
        with suppress(OSError):
            meanwhile()
        gevent.sleep(0.1)


def wait(holds: Callable[[], object], for_s: float = 1.5) -> None:
    """Until it holds, or no longer: a call may end in any other way."""
    end = time.monotonic() + for_s
    while not holds() and time.monotonic() < end:
        gevent.sleep(0.005)


# --- what callers do -----------------------------------------------------------------------------------------
def leaves_at_once(centre: Centre) -> None:
    leg = centre.call()
    gevent.sleep(centre.random.choice((0.0, 0.001, 0.003, 0.01)))
    leg.hang_up()


def leaves_in_the_menu(centre: Centre) -> None:
    leg = centre.call()
    wait(lambda: leg.answered)
    leg.hang_up()


def says_nothing(centre: Centre) -> None:
    leg = centre.call()
    wait(lambda: not leg.up)


def leaves_the_queue(centre: Centre) -> None:
    leg = centre.call("1")
    gevent.sleep(centre.random.uniform(0.0, 0.05))
    leg.hang_up()


def talks(centre: Centre) -> None:
    leg = centre.call("1")
    wait(lambda: leg.partner)
    if leg.partner is not None:
        leg.partner.hold(True)
        gevent.sleep(0.01)
    if leg.partner is not None:
        leg.partner.hold(False)
        leg.partner.hang_up()
    wait(lambda: not leg.up)


def talks_and_leaves(centre: Centre) -> None:
    leg = centre.call("1")
    wait(lambda: leg.partner)
    leg.hang_up()
    with suppress(Refused):
        centre.ask["disposition"](leg.uuid, "1001", "done")


def leaves_a_message(centre: Centre) -> None:
    leg = centre.call("2")
    wait(lambda: leg.recordings)
    if centre.random.random() < 0.5:
        leg.hang_up()
    else:
        leg.press("1")
        wait(lambda: not leg.up)


def is_transferred(centre: Centre) -> None:
    leg = centre.call("3")
    if centre.random.random() < 0.5:
        wait(lambda: leg.partner)
        if leg.partner is not None:
            leg.partner.hang_up()
        wait(lambda: not leg.up)
    gevent.sleep(centre.random.uniform(0.0, 0.02))
    leg.hang_up()


def is_asked_for_elsewhere(centre: Centre) -> None:
    leg = centre.call("4")
    wait(lambda: not leg.up)
    leg.hang_up()


def is_looked_up(centre: Centre) -> None:
    leg = centre.call("5")
    wait(lambda: not leg.up or leg.partner)
    leg.hang_up()


def dials_nobody(centre: Centre) -> None:
    leg = centre.switch.arrives("13800000000", "4999")
    wait(lambda: not leg.up, 0.2)
    leg.hang_up()


def is_hung_up_on(centre: Centre) -> None:
    leg = centre.call("1")
    wait(lambda: leg.partner)
    with suppress(Refused):
        centre.ask["hangup"](leg.uuid, "admin")
    wait(lambda: not leg.up)


def comes_back(centre: Centre) -> None:
    """The socket breaks in the middle."""
    leg = centre.call()
    wait(lambda: leg.answered)
    if leg.connection is not None:
        leg.connection.cut()
    gevent.sleep(0.05)
    leg.hang_up()


KINDS = (
    leaves_at_once, leaves_in_the_menu, says_nothing, leaves_the_queue, talks, talks_and_leaves, leaves_a_message,
    is_transferred, is_asked_for_elsewhere, is_looked_up, dials_nobody, is_hung_up_on, comes_back,
)  # fmt: skip


@pytest.mark.slow
def test_a_call_that_is_over_leaves_nothing_behind(centre: Centre) -> None:
    """Each kind comes eight times a round: what one leaves behind each time is more than SLACK. No switch dies
    in the second round: that is a reason to forget much (tests/switches/test_forgotten.py)."""
    centre.round(dies=True)
    before = centre.holdings()
    centre.round()
    until(lambda: not more_than(before, centre), told=lambda: more_than(before, centre))


def more_than(before: Mapping[str, int], centre: Centre) -> dict[str, tuple[int, int]]:
    """What has grown. An index of the floor is made when it is asked, and as large as its tables."""
    found = grown(before, centre.holdings(), SLACK)
    return {name: counts for name, counts in found.items() if not name.startswith("switch_app.core.acd.index.")}
