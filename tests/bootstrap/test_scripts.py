"""scripts/_start and scripts/_bootstrap.py: what is missing is one line with its remedy, or is done as root."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from starting import ROOT, is_alive, until


@pytest.fixture
def tree(tmp_path):
    """A repository's folder as far as the bootstrap looks at it."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "requirements").mkdir()
    for name in ("_start", "_bootstrap.py"):
        (tmp_path / "scripts" / name).write_bytes((ROOT / "scripts" / name).read_bytes())
    (tmp_path / "scripts" / "_start").chmod(0o755)
    for name in ("setup.cfg", "pyproject.toml", *(f"requirements/{n}.txt" for n in ("build", "run", "phones", "dev"))):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.fixture
def boot(tree):
    """The bootstrap as a module, at home in `tree`."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", tree / "scripts" / "_bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert tree == module.ROOT
    return module


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def stamped(boot, profile: str) -> None:
    """A .venv that looks complete."""
    (boot.VENV / "bin").mkdir(parents=True, exist_ok=True)
    for name in ("python", "hotline"):
        (boot.VENV / "bin" / name).write_text("")
    boot.STAMP.write_text(json.dumps({profile: boot.fingerprint(profile)}))


def test_a_wrong_python_is_told_with_the_remedy(tree):
    old = program(tree / "python-old", 'case "$2" in *version_info*) exit 1;; esac')
    done = subprocess.run(
        [tree / "scripts" / "_start", "run"], env={**os.environ, "HOTLINE_PYTHON": str(old)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert f"needs Python 3.11 or 3.12 (HOTLINE_PYTHON={old} is not)" in line
    assert "apt-get install -y python3.11 python3.11-venv" in line


def test_the_python_that_is_named_may_stand_in_a_folder_with_spaces(tree):
    (tree / "my python").mkdir()
    named = program(tree / "my python" / "python", f'[ "$1" = -c ] || echo "named: $1"; exec {sys.executable} "$@"')
    done = subprocess.run(
        [tree / "scripts" / "_start", "run"], env={**os.environ, "HOTLINE_PYTHON": str(named)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith(f"named: {tree}/scripts/_bootstrap.py")


def test_a_start_finds_its_folder_whatever_cdpath_says(tree, boot):
    stamped(boot, "run")
    program(boot.VENV / "bin" / "hotline", "echo started")
    done = subprocess.run(
        ["scripts/_start", "run", "hotline"], cwd=tree, env={**os.environ, "CDPATH": f".:{tree}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


@pytest.mark.parametrize("name", ["run", "demo", "test", "check", "bench"])
def test_a_script_may_be_called_by_a_link(tmp_path, name):
    (tmp_path / "link").symlink_to(ROOT / "scripts" / name)
    done = subprocess.run(
        [tmp_path / "link"], env={**os.environ, "HOTLINE_PYTHON": "/nonexistent"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "HOTLINE_PYTHON=/nonexistent is not" in done.stderr


@pytest.mark.parametrize("name", ['say "hi"', "a:b", "list[1]", "a\\b", "of $HOME", "two\nlines"])
def test_a_folder_that_no_library_can_be_installed_below_is_told_at_once(boot, tmp_path, name, monkeypatch, capsys):
    monkeypatch.setattr(boot, "ROOT", tmp_path / name)
    with pytest.raises(SystemExit) as ended:
        boot.make("run")
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and "Remedy: move or rename that folder" in line and not boot.VENV.exists()


@pytest.mark.parametrize("name", ["two words", "it's", "呼叫中心", "a%b#c", "-dash"])
def test_other_names_of_folders_will_do(boot, tmp_path, name, monkeypatch):
    monkeypatch.setattr(boot, "ROOT", tmp_path / name)
    boot.require_usable_name()


def test_a_venv_without_the_console_command_is_not_complete(boot):
    stamped(boot, "run")
    (boot.VENV / "bin" / "hotline").unlink()
    assert not boot.is_complete("run")


def test_a_program_that_cannot_be_started_is_told_with_the_remedy(tree, boot):
    stamped(boot, "run")
    (boot.VENV / "bin" / "hotline").write_text("#!/nonexistent/python\n")
    (boot.VENV / "bin" / "hotline").chmod(0o755)
    done = subprocess.run([tree / "scripts" / "_start", "run", "hotline"], capture_output=True, text=True, check=False)
    [line] = done.stderr.splitlines()
    assert done.returncode == 2 and f"{boot.VENV}/bin/hotline cannot be started" in line and "Remedy: rm -rf" in line


def test_what_a_killed_start_still_writes_does_not_stop_the_next(boot, monkeypatch):
    stamped(boot, "run")
    boot.MARK.touch()
    rmtree, times = boot.shutil.rmtree, []

    def one_more_file(path):
        times.append(path)
        if len(times) == 1:
            (boot.VENV / "late").write_text("")
            raise OSError(boot.errno.ENOTEMPTY, "Directory not empty")
        rmtree(path)

    monkeypatch.setattr(boot.shutil, "rmtree", one_more_file)
    boot.clear_away_what_does_not_fit()
    assert not boot.VENV.exists()


def test_a_full_disk_is_told_as_one(boot, monkeypatch, capsys):
    stamped(boot, "run")
    program(boot.VENV / "bin" / "python", "exit 1")
    monkeypatch.setattr(boot, "VENV_TAKES", 2**62)
    with pytest.raises(SystemExit):
        boot.pip("-r", "requirements/run.txt")
    assert f"Remedy: free the disk of {boot.ROOT}" in capsys.readouterr().err.splitlines()[-1]


def test_a_complete_venv_hands_over_at_once_with_all_arguments(tree, boot):
    stamped(boot, "run")
    program(boot.VENV / "bin" / "hotline", 'echo "$#:$1:$2"')
    done = subprocess.run(
        [tree / "scripts" / "_start", "run", "hotline", "a b", "--demo"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "2:a b:--demo\n", "")


def test_a_larger_profile_serves_for_a_smaller_one_but_not_the_other_way(boot):
    stamped(boot, "phones")
    assert [boot.is_complete(each) for each in ("run", "phones", "dev")] == [True, True, False]


@pytest.mark.parametrize("name", ["requirements/run.txt", "requirements/build.txt", "setup.cfg"])
def test_a_changed_lock_is_installed_into_the_same_venv(boot, tree, name):
    stamped(boot, "run")
    (tree / name).write_text("# changed")
    assert not boot.is_complete("run")
    boot.clear_away_what_does_not_fit()
    assert boot.VENV.exists()


@pytest.mark.parametrize("damage", ["half-made", "moved", "another Python", "no python"])
def test_a_venv_that_cannot_be_mended_is_made_again_and_that_is_said(boot, damage, capsys):
    stamped(boot, "run")
    if damage == "half-made":
        boot.MARK.touch()
    elif damage == "no python":
        (boot.VENV / "bin" / "python").unlink()
    else:
        stamp = boot.fingerprint("run") | ({"root": "/elsewhere"} if damage == "moved" else {"python": "3.10"})
        boot.STAMP.write_text(json.dumps({"run": stamp}))
    assert not boot.is_complete("run") or damage in ("moved", "another Python")
    boot.clear_away_what_does_not_fit()
    assert not boot.VENV.exists()
    assert f"doing: rm -rf {boot.VENV}" in capsys.readouterr().err


def test_a_venv_of_somebody_else_is_left_alone_unless_root_asks(boot, monkeypatch, capsys):
    (boot.VENV / "bin").mkdir(parents=True)
    (boot.VENV / "bin" / "python").write_text("")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as ended:
        boot.clear_away_what_does_not_fit()
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and f"Remedy: rm -rf {boot.VENV}" in line and boot.VENV.exists()


def test_a_venv_of_the_other_python_that_fits_is_kept_unless_one_is_named(boot, monkeypatch):
    stamped(boot, "run")
    monkeypatch.delenv("HOTLINE_PYTHON", raising=False)
    other = next(each for each in boot.FITTING if each != boot.PYTHON)
    boot.STAMP.write_text(json.dumps({"run": boot.fingerprint("run") | {"python": other}}))
    assert boot.is_complete("run") and boot.made_here()
    monkeypatch.setenv("HOTLINE_PYTHON", sys.executable)
    assert not boot.is_complete("run") and not boot.made_here()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"run": 1}', '{"run": {}}', "null"])
def test_a_damaged_stamp_is_no_stamp(boot, text):
    stamped(boot, "run")
    boot.STAMP.write_text(text)
    assert not boot.is_complete("run") and not boot.made_here()


def test_a_half_made_venv_of_root_is_told_to_others(boot, monkeypatch, capsys):
    stamped(boot, "run")
    boot.MARK.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: path != boot.VENV)
    with pytest.raises(SystemExit) as ended:
        boot.clear_away_what_does_not_fit()
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and f"Remedy: sudo rm -rf {boot.VENV}" in line and boot.MARK.exists()


def test_a_missing_venv_module_is_told_or_as_root_installed(boot, tree, monkeypatch, capfd):
    program(tree / "bare-python", "exit 1")  # cannot import venv
    monkeypatch.setattr(boot.sys, "executable", str(tree / "bare-python"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as ended:
        boot.create_venv()
    [line] = capfd.readouterr().err.splitlines()  # and no word that .venv is being made
    assert ended.value.code == 2
    assert re.search(r"venv module is missing. Remedy: sudo apt-get install -y python3\.1[12]-venv", line)

    (tree / "bin").mkdir()
    program(tree / "bin" / "apt-get", f'echo "$@" >> {tree}/asked')
    monkeypatch.setenv("PATH", str(tree / "bin"), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SystemExit):  # it is still no Python: making the venv fails
        boot.create_venv()
    assert re.fullmatch(r"install -y python3\.1[12]-venv\n", (tree / "asked").read_text())
    assert "as root, doing: apt-get install -y" in capfd.readouterr().err


def test_an_index_that_cannot_be_reached_is_told_and_the_next_start_begins_anew(boot, capfd):
    (boot.VENV / "bin").mkdir(parents=True)
    stamped(boot, "run")
    (boot.ROOT / "requirements" / "run.txt").write_text("# changed")
    program(boot.VENV / "bin" / "python", "echo 'no route to the index' >&2; exit 1")
    with pytest.raises(SystemExit) as ended:
        boot.make("run")
    told = capfd.readouterr().err
    assert ended.value.code == 2 and "no route to the index" in told and "Remedy:" in told.splitlines()[-1]
    assert boot.MARK.exists() and not boot.is_complete("run")


@pytest.mark.parametrize("name", ["build", "run", "phones", "dev"])
def test_every_pinned_library_carries_hashes_and_no_address(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all(re.match(r"[a-z0-9.-]+==\S+", block) and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_locks_agree_with_setup_cfg_and_with_each_other():
    locks = {
        name: dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("run", "phones", "dev")
    }
    assert locks["run"].items() <= locks["phones"].items() <= locks["dev"].items()
    wanted = re.search(r"install_requires =\n((?:    .*\n)+)", (ROOT / "setup.cfg").read_text())[1].split()
    assert {re.split("[=;]", each)[0] for each in wanted} <= set(locks["run"])
    assert "pjsua2-python" not in locks["run"] and "pjsua2-python" in locks["phones"]
    assert (locks["run"]["greenswitch"], locks["run"]["sippy"]) == ("0.0.19", "2.5.0")


ENDS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def begin(tree, environment):
    """scripts/_start run hotline run, in its own session as under a terminal; killed at the end of the test."""
    started = []

    def start():
        process = subprocess.Popen(
            [tree / "scripts" / "_start", "run", "hotline", "run"], env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("stubborn", ["", "trap '' TERM;"], ids=["", "deaf"])
@pytest.mark.parametrize("number", ENDS)
def test_an_interrupted_first_start_leaves_nothing_behind(boot, tree, begin, number, stubborn):
    stamped(boot, "run")
    (tree / "requirements" / "run.txt").write_text("# changed")
    program(boot.VENV / "bin" / "python", f"{stubborn} sleep 60 & echo $$ $! > {tree}/new; mv {tree}/new {tree}/pids; wait")
    process = begin()
    until((tree / "pids").exists)
    process.send_signal(number)
    out, err = process.communicate(timeout=5)
    assert (process.returncode, out) == (-number, "")
    assert err.splitlines()[1:] == ["hotline: stopped; the next start makes .venv anew"]
    assert not any(is_alive(int(pid)) for pid in (tree / "pids").read_text().split())
    assert not boot.is_complete("run")


def test_what_the_first_start_runs_dies_with_it(boot, tree, begin):
    stamped(boot, "run")
    (tree / "requirements" / "run.txt").write_text("# changed")
    program(boot.VENV / "bin" / "python", f"echo $$ > {tree}/new; mv {tree}/new {tree}/pids; exec sleep 60")
    process = begin()
    until((tree / "pids").exists)
    process.kill()
    pid = int((tree / "pids").read_text())
    until(lambda: not is_alive(pid), 5)


@pytest.mark.parametrize("number", ENDS)
@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0])
def test_a_start_ends_without_a_word_at_any_moment(boot, begin, number, after_s):
    stamped(boot, "run")
    hotline = boot.VENV / "bin" / "hotline"
    hotline.write_text(f"#!{sys.executable}\nfrom switch_app.cli import main\nmain()\n")
    hotline.chmod(0o755)
    process = begin()
    time.sleep(after_s)
    process.send_signal(number)
    _, err = process.communicate(timeout=8)
    assert process.returncode in (0, -number)  # 0: the supervisor was up and ended all in good order
    assert err.strip() == ""


def test_a_first_start_under_nohup_outlives_its_terminal(boot, tree, begin):
    stamped(boot, "run")
    (tree / "requirements" / "run.txt").write_text("# changed")
    program(boot.VENV / "bin" / "python", f"touch {tree}/begun; until [ -e {tree}/go ]; do sleep 0.02; done")
    program(boot.VENV / "bin" / "hotline", "kill -HUP $$; echo still here")
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = begin()
    finally:
        signal.signal(signal.SIGHUP, kept)
    until((tree / "begun").exists)
    process.send_signal(signal.SIGHUP)
    (tree / "go").touch()
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "still here\n")


def test_an_interrupted_clearing_away_is_still_told_to_be_half_made(boot, monkeypatch):
    stamped(boot, "run")
    boot.MARK.touch()

    def interrupted(path):
        raise boot.Stopped(2)

    monkeypatch.setattr(boot.shutil, "rmtree", interrupted)
    with pytest.raises(boot.Stopped):
        boot.clear_away_what_does_not_fit()
    assert boot.MARK.exists() and not boot.is_complete("run")
