"""`hotline run` with all its real processes: what it prints, what it survives, how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest
from starting import ROOT, free_port, is_alive, until

from switch_app.runtime.control_client import ControlClient

START_S = 30.0
SECOND_START_S = 5.0


@pytest.fixture
def run(start, environment):
    """Start a copy and wait for `ready`: the process and what it printed."""

    def begin(**changes):
        process = start("-m", "switch_app", "run", env=environment | changes, cwd=ROOT)
        lines = []
        while not lines or lines[-1] != "ready":
            line = process.stdout.readline()
            assert line, "\n".join(lines) + process.stderr.read()
            lines.append(line.rstrip("\n"))
        return process, lines

    return begin


@pytest.fixture
def ask(start, environment):
    """A command's answer with --json."""

    def answer(*command: str, **changes):
        process = start("-m", "switch_app", *command, "--json", env=environment | changes, cwd=ROOT)
        out, err = process.communicate(timeout=30)
        assert out, err
        return json.loads(out)

    return answer


def waiting_bytes(database) -> int:
    """What a copy of the file alone would lack."""
    log = database.with_name(f"{database.name}-wal")
    return log.stat().st_size if log.exists() else 0


def end(process) -> float:
    begun = time.monotonic()
    process.terminate()
    assert process.wait(10) == 0
    return time.monotonic() - begun


def test_the_first_start_tells_all_that_a_person_needs(run, ask, environment, tmp_path):
    process, lines = run()
    told = "\n".join(lines)
    secrets = ask("secrets")
    assert f"sip:4000@{environment['HOTLINE_SIP']}" in told
    assert f"http://{environment['HOTLINE_HTTP']}/" in told
    assert f"{secrets['admin_login']} / {secrets['admin_password']}" in told
    for number in map(str, range(1001, 1011)):
        line = next(line for line in lines if line.split()[:1] == [number])
        assert line.split()[1:] == [secrets["agents"][number]["sip_password"], secrets["agents"][number]["pin"]]
    var = tmp_path / "var"
    assert stat.S_IMODE((var / "secrets.json").stat().st_mode) == 0o600
    assert [path for path in var.rglob("*") if path.stat().st_mode & 0o007 and not path.is_socket()] == []
    for name in ("crm.db", "journal.db"):
        files = list(var.glob(f"{name}*"))
        assert len(files) == 3 and {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((var / "archive").stat().st_mode) == 0o700
    status = ask("status")
    assert status["health"]["ok"] and {each["name"] for each in status["children"]} == {"softswitch", "serve", "admin"}
    assert end(process) < 5.0
    assert [each["pid"] for each in status["children"] if is_alive(each["pid"])] == []
    assert {name: waiting_bytes(var / name) for name in ("journal.db", "crm.db")} == {"journal.db": 0, "crm.db": 0}


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_backup_of_the_readme_runs_as_it_stands(run, tmp_path, readme):
    process, _ = run()
    [commands] = re.findall(r"```\n(mkdir -m 700 backup\n.+?)```", (ROOT / readme).read_text(), re.DOTALL)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    done = subprocess.run(["sh", "-ec", commands], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    kept = {"crm.db", "journal.db", "secrets.json", "recordings", "voicemail", "archive", "greetings"}
    assert {path.name for path in (tmp_path / "backup").iterdir()} == kept
    end(process)


def test_a_second_start_keeps_the_secrets_to_itself_and_takes_under_five_seconds(run, ask):
    end(run()[0])
    before = ask("secrets")
    begun = time.monotonic()
    process, lines = run()
    assert time.monotonic() - begun < SECOND_START_S
    assert ask("secrets") == before
    told = "\n".join(lines)
    assert "sip:4000@" in told and "http://" in told and "`.venv/bin/hotline secrets`" in told
    words = [before["admin_password"], *(part for each in before["agents"].values() for part in each.values())]
    assert [word for word in words if word in told] == []
    end(process)


def test_each_process_comes_back_and_all_is_well_again(run, ask, environment):
    process, _ = run()
    for name in ("admin", "serve", "softswitch"):
        before = {each["name"]: each for each in ask("status")["children"]}
        os.kill(before[name]["pid"], signal.SIGKILL)

        def back(name=name, pid=before[name]["pid"]):
            now = ask("status")
            child = next(each for each in now["children"] if each["name"] == name)
            return child["pid"] not in (None, pid) and now["health"]["ok"] and child

        assert until(back, 20.0)["restarts"] == 1
    with urllib.request.urlopen(f"http://{environment['HOTLINE_HTTP']}/", timeout=5) as page:
        assert page.status == 200
    end(process)


def test_what_befalls_the_databases_later_is_in_the_status(run, ask, tmp_path):
    process, _ = run()
    crm, journal = tmp_path / "var" / "crm.db", tmp_path / "var" / "journal.db"
    crm.write_bytes(b"not a database, " * 1000)
    journal.rename(journal.with_name("moved.db"))

    def told():
        problems = " ".join(ask("status")["health"]["problems"])
        return "crm: " in problems and "journal: " in problems and problems

    problems = until(told, 15.0)
    assert f"{journal} is not the file that is written" in problems and "Remedy" in problems
    process.kill()


def test_a_journal_that_ends_before_the_crm_goes_on_behind_it(run, ask, tmp_path):
    """Else the CRM would take new facts for old ones and pass them over."""
    process, _ = run()
    ask("presence", "1001", "logged_in")
    end(process)
    with closing(sqlite3.connect(tmp_path / "var" / "crm.db")) as crm, crm:
        assert crm.execute("UPDATE projector_position SET position = 100000").rowcount == 1
    process, _ = run()
    ask("presence", "1001", "not_ready")
    until(lambda: ask("status")["health"]["call_server"]["projected"] > 100_000, 10.0)
    assert ask("status")["health"]["ok"]
    end(process)


def test_a_broken_flow_is_told_at_the_start_and_in_the_status_until_it_is_mended(run, ask, tmp_path):
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "ivr_flows", flows)
    main, good = flows / "main.yml", (flows / "main.yml").read_text("utf-8")

    def problems():
        return ask("status", HOTLINE_FLOWS=str(flows))["health"]["problems"]

    process, lines = run(HOTLINE_FLOWS=str(flows))
    assert "warning" not in "\n".join(lines) and problems() == []
    control = ControlClient(tmp_path / "var/run/control.sock")

    def versions():
        return {flow["name"]: flow["version"] for flow in control.ask("flows")["flows"]}

    before = versions()
    main.write_text(good.replace("start: ", "start: no_", 1), "utf-8")
    [told] = until(problems, 10.0)
    assert told.startswith(f"flows: {main}:") and "[unknown-step]" in told and told.endswith("hotline check")
    [serve] = [each["pid"] for each in ask("status")["children"] if each["name"] == "serve"]
    os.kill(serve, signal.SIGKILL)
    until(lambda: _answers(control) and problems() == [told], 20.0)
    assert versions() == before
    end(process)
    process, lines = run(HOTLINE_FLOWS=str(flows))
    warning = lines.index(next(line for line in lines if "warning" in line))
    assert lines[warning + 1].strip() == told.removeprefix("flows: ").partition("; ")[0]
    assert lines[-1] == "ready" and versions() == before
    main.write_text(good, "utf-8")
    until(lambda: problems() == [], 10.0)
    end(process)


def _answers(control: ControlClient) -> bool:
    try:
        return bool(control.ask("status"))
    except ConnectionError:
        return False


def test_two_copies_live_side_by_side(run, ask, tmp_path):
    other = {
        "HOTLINE_VAR": str(tmp_path / "other"),
        "HOTLINE_SIP": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "HOTLINE_HTTP": f"127.0.0.1:{free_port()}",
    }
    first, _ = run()
    second, _ = run(**other)
    states = ask("status"), ask("status", **other)
    assert [state["health"]["ok"] for state in states] == [True, True]
    shared = [set(state["addresses"].values()) - {"16000-17999"} for state in states]
    assert shared[0] & shared[1] == set()
    assert end(first) < 5.0 and ask("status", **other)["health"]["ok"]
    end(second)


def test_ports_that_are_chosen_at_the_start_are_told(run, ask):
    process, told = run(HOTLINE_SIP="127.0.0.1:0", HOTLINE_HTTP="127.0.0.1:0")
    addresses = ask("status")["addresses"]
    assert not any(address.endswith(":0") for address in addresses.values())
    assert any(line.split() == ["dial", f"sip:4000@{addresses['sip']}"] for line in told)
    url = next(line.split()[1] for line in told if line.split()[:1] == ["admin"])
    assert url == f"http://{addresses['http']}/"
    with urllib.request.urlopen(url, timeout=5) as page:
        assert page.status == 200
    end(process)


def test_under_nohup_a_closed_terminal_ends_nothing(run, ask):
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process, _ = run()
    finally:
        signal.signal(signal.SIGHUP, kept)
    process.send_signal(signal.SIGHUP)
    assert ask("status")["running"] and process.poll() is None
    end(process)


@pytest.mark.parametrize("name", ["serve", "softswitch", "admin"])
def test_a_process_of_a_running_copy_is_not_started_a_second_time(run, ask, start, environment, name):
    process, _ = run()
    again = start("-m", "switch_app", name, env=environment, cwd=ROOT)
    out, err = again.communicate(timeout=30)
    assert (again.returncode, out) == (2, "") and "has started this already" in err and len(err.splitlines()) == 1
    assert ask("status")["health"]["ok"]
    end(process)


def test_a_second_copy_on_the_same_var_is_refused_and_the_first_goes_on(run, ask, start, environment):
    process, _ = run()
    again = start("-m", "switch_app", "run", env=environment, cwd=ROOT)
    _, err = again.communicate(timeout=20)
    assert again.returncode == 2 and f"already running on {environment['HOTLINE_VAR']}" in err
    assert ask("status")["health"]["ok"]
    end(process)


def test_kill_9_of_the_supervisor_leaves_nothing_and_the_next_start_works(run, ask):
    process, _ = run()
    pids = [each["pid"] for each in ask("status")["children"]]
    process.kill()
    process.wait(5)
    until(lambda: not any(map(is_alive, pids)), 6.0)
    process, _ = run()
    assert ask("status")["health"]["ok"]
    end(process)
