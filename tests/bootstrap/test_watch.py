"""The supervisor's promises, with real processes: restart, end, and never an orphan."""

from __future__ import annotations

import os
import signal
import time
from itertools import pairwise

import pytest
from starting import is_alive, until

from switch_app.supervisor import state

TIED = "from switch_app.supervisor import lifeline; lifeline.tie();"
STEADY = TIED + "lifeline.ready(); import signal; signal.pause()"
DEAF = TIED + "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); lifeline.ready()\nwhile 1: signal.pause()"
WATCHING = os.path.join(os.path.dirname(__file__), "watching.py")


@pytest.fixture
def supervise(start, environment, tmp_path):
    def begin(**programs):
        process = start(WATCHING, tmp_path, *[f"{name}={text}" for name, text in programs.items()], env=environment)
        return process

    return begin


def ready(process, tmp_path):
    assert process.stdout.readline() == "ready\n"
    return state.read(tmp_path)


def test_a_state_that_cannot_be_written_ends_nothing_and_is_written_later(supervise, tmp_path):
    process = supervise(a=STEADY)
    first = ready(process, tmp_path)["a"]["pid"]
    in_the_way = tmp_path / f".{state.STATE}.new"
    in_the_way.mkdir()  # as a full disk
    os.kill(first, signal.SIGKILL)
    log = tmp_path / "a.log"
    until(lambda: log.read_text().count("a started") == 2)
    assert process.poll() is None and state.read(tmp_path)["a"]["pid"] == first
    in_the_way.rmdir()
    until(lambda: is_alive(state.read(tmp_path)["a"]["pid"]))
    assert process.poll() is None


def test_it_is_ready_when_every_child_is(supervise, tmp_path):
    late = TIED + "import time; time.sleep(0.7); lifeline.ready(); import signal; signal.pause()"
    begun = time.monotonic()
    told = ready(supervise(a=STEADY, b=late), tmp_path)
    assert time.monotonic() - begun > 0.7
    assert [told[name]["ready"] for name in "ab"] == [True, True]


def test_a_killed_child_is_back_within_a_second(supervise, tmp_path):
    process = supervise(a=STEADY, b=STEADY)
    before = ready(process, tmp_path)
    killed_at = time.monotonic()
    os.kill(before["a"]["pid"], signal.SIGKILL)

    def again():
        now = state.read(tmp_path)
        return now and now["a"]["ready"] and now["a"]["pid"] != before["a"]["pid"] and now

    after = until(again)
    assert time.monotonic() - killed_at < 1.0
    assert after["a"]["restarts"] == 1 and after["b"] == before["b"]


def test_one_that_hangs_is_killed_and_started_again(supervise, tmp_path):
    """It has beaten and beats no more, as a process in an endless loop, or one that is stopped, does."""
    hangs = TIED + "import time; lifeline.ready(); lifeline.beat(); time.sleep(600)"
    beats = TIED + "import time; lifeline.ready()\nwhile 1: lifeline.beat(); time.sleep(0.1)"
    process = supervise(HUNG_a=hangs, HUNG_b=beats, HUNG_c=STEADY)  # c never beats: it is not watched
    before = ready(process, tmp_path)

    def again():
        now = state.read(tmp_path)
        return now and now["HUNG_a"]["restarts"] and now

    after = until(again, 8)
    assert (after["HUNG_b"], after["HUNG_c"]) == (before["HUNG_b"], before["HUNG_c"])
    until(lambda: not is_alive(before["HUNG_a"]["pid"]))
    assert "has not moved for 1 s: killed" in (tmp_path / "HUNG_a.log").read_text()


def test_a_supervisor_that_was_stopped_blames_nobody(supervise, tmp_path):
    beats = TIED + "import time; lifeline.ready()\nwhile 1: lifeline.beat(); time.sleep(0.1)"
    process = supervise(HUNG_a=beats)
    before = ready(process, tmp_path)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(3)  # nothing is to happen: there is nothing to wait for
    os.kill(process.pid, signal.SIGCONT)
    time.sleep(1.5)
    assert state.read(tmp_path) == before and is_alive(before["HUNG_a"]["pid"])


def test_one_that_goes_on_dying_is_started_less_and_less_often(supervise, tmp_path):
    mark = tmp_path / "starts"
    dying = TIED + (
        f"import time; open({str(mark)!r}, 'a').write(f'{{time.monotonic()}}\\n'); lifeline.ready(); time.sleep(0.05)"
    )
    ready(supervise(a=dying, b=STEADY), tmp_path)
    until(lambda: mark.read_text().count("\n") >= 5)
    starts = [float(line) for line in mark.read_text().split()][:5]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert gaps[3] > gaps[0] + 0.3 and gaps[0] < 1.0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_within_five_seconds_even_the_deaf(supervise, tmp_path, how):
    process = supervise(a=DEAF, b=DEAF, c=STEADY)
    told = ready(process, tmp_path)
    begun = time.monotonic()
    process.send_signal(how)
    assert process.wait(6) == 0 and time.monotonic() - begun < 5.0
    assert [is_alive(each["pid"]) for each in told.values()] == [False] * 3
    assert not state.is_alive(tmp_path)


def test_a_clean_end_does_not_wait_for_the_deadline(supervise, tmp_path):
    process = supervise(a=STEADY, b=STEADY)
    ready(process, tmp_path)
    begun = time.monotonic()
    process.terminate()
    assert process.wait(6) == 0 and time.monotonic() - begun < 1.5


def test_children_end_in_their_turns(supervise, tmp_path):
    mark = tmp_path / "order"
    noting = TIED + (
        "import signal, sys, time\n"
        f"def end(*_):\n time.sleep(0.2); open({str(mark)!r}, 'a').write(NAME); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); lifeline.ready()\nwhile 1: signal.pause()"
    )
    process = supervise(**{name: f"NAME={name!r}\n{noting}" for name in ("switch1", "calls2", "pages")})
    ready(process, tmp_path)
    process.terminate()
    assert process.wait(6) == 0
    assert mark.read_text() == "pagesswitch1calls2"


def test_kill_9_of_the_supervisor_ends_the_children_even_the_deaf(supervise, tmp_path):
    process = supervise(a=STEADY, b=DEAF)
    told = ready(process, tmp_path)
    process.kill()
    process.wait(5)
    until(lambda: not is_alive(told["a"]["pid"]), 2.0)
    until(lambda: not is_alive(told["b"]["pid"]), 6.0)


def test_a_child_that_says_2_at_the_start_ends_it_all_with_2(supervise, tmp_path):
    process = supervise(a=STEADY, b=TIED + "print('wrong setting'); raise SystemExit(2)")
    assert process.wait(10) == 2
    assert not state.is_alive(tmp_path)
    assert "wrong setting" in (tmp_path / "b.log").read_text()


def test_a_child_that_never_comes_up_is_tried_again_and_then_ends_it_all(supervise, tmp_path):
    process = supervise(a=STEADY, b=TIED + "raise SystemExit(1)")
    assert process.wait(10) == 1
    assert (tmp_path / "b.log").read_text().count("started, pid") == 3


def test_ctrl_c_during_the_start_ends_it(supervise, tmp_path):
    process = supervise(a=TIED + "import signal; print('here', flush=True); signal.pause()")
    until(lambda: "here" in (tmp_path / "a.log").read_text() if (tmp_path / "a.log").exists() else False)
    process.send_signal(signal.SIGINT)
    assert process.wait(6) == 0


def test_what_a_child_leaves_behind_in_its_session_ends_with_it(supervise, tmp_path):
    mark = tmp_path / "grandchild"
    leaving = TIED + (
        "import subprocess, time; p = subprocess.Popen(['sleep', '60']);"
        f"open({str(mark)!r}, 'w').write(str(p.pid)); lifeline.ready(); time.sleep(60)"
    )
    told = ready(supervise(a=leaving), tmp_path)
    os.kill(told["a"]["pid"], signal.SIGKILL)
    grandchild = int(mark.read_text())
    until(lambda: not is_alive(grandchild) or int(mark.read_text() or 0) != grandchild, 3.0)
    until(lambda: not is_alive(grandchild), 3.0)


def test_the_last_child_is_started_when_the_others_are_ready(supervise, tmp_path):
    late = TIED + "import time; time.sleep(0.5); lifeline.ready(); import signal; signal.pause()"
    told = ready(supervise(LAST_b=STEADY, a=late), tmp_path)
    assert told["LAST_b"]["started_at"] - told["a"]["started_at"] > 0.5
