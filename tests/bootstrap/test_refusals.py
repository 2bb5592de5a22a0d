"""What is wrong at the start: one clear line with the remedy, exit code 2, nothing half started."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing, suppress

import pytest
from starting import ROOT

from switch_app.core.errors import Refused
from switch_app.supervisor import first_start, state


@pytest.fixture
def refused(start, environment, tmp_path):
    """Run `hotline run`, which must say no: its lines."""

    def run(**changes):
        process = start("-m", "switch_app", "run", env=environment | changes, cwd=ROOT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (2, ""), err
        assert not list(tmp_path.glob("var/log/*")) and not list(tmp_path.glob("var/run/*.sock"))
        assert not (tmp_path / "var" / "run" / "supervisor.json").exists()
        return err.splitlines()

    return run


@pytest.fixture
def conf(tmp_path):
    """A folder of settings of its own, as HOTLINE_CONF."""
    (tmp_path / "conf").mkdir()
    return tmp_path / "conf"


@pytest.mark.parametrize(
    ("variable", "kind"),
    [("HOTLINE_SIP", "udp"), ("HOTLINE_HTTP", "tcp"), ("HOTLINE_CALL_SERVER", "tcp"), ("HOTLINE_EVENT_SOCKET", "tcp")],
)
def test_a_busy_port(refused, variable, kind, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == "tcp":
            taken.listen()
        port = taken.getsockname()[1]
        [line] = refused(**{variable: f"127.0.0.1:{port}"})
    assert f"127.0.0.1:{port} ({kind}) is taken" in line and f"{variable}=127.0.0.1:" in line
    assert not (tmp_path / "var").exists()


def test_an_address_of_another_machine(refused):
    [line] = refused(HOTLINE_SIP="192.0.2.1:5060")
    assert "192.0.2.1:5060" in line and "set HOTLINE_SIP to an address of this machine" in line


def test_a_second_copy_on_the_same_var(refused, tmp_path):
    run_dir = tmp_path / "var" / "run"
    run_dir.mkdir(parents=True)
    held = state.lock(run_dir)
    try:
        [line] = refused()
    finally:
        os.close(held)
    assert f"already running on {tmp_path}/var (process {os.getpid()})" in line
    assert f"kill {os.getpid()}" in line and "HOTLINE_VAR" in line


def test_wrong_settings_are_told_all_at_once(refused, conf):
    (conf / "hotline.yml").write_text("sip: 127.0.0.1:5060\nlog:\n  levle: info\nhtpp: 127.0.0.1:8080\nrtp: 5-4\n")
    lines = refused(HOTLINE_SWITCH="freswitch", HOTLINE_JOURNAL_SNYC="full", HOTLINE_CONF=str(conf))
    assert len(lines) == 5
    told = "\n".join(lines)
    assert f"{conf}/hotline.yml:3: log.levle: no such setting (did you mean log.level?)" in told
    assert f"{conf}/hotline.yml:4: htpp: no such setting (did you mean http?)" in told
    assert f"{conf}/hotline.yml:5: rtp: '5-4' is not LOW-HIGH" in told
    assert "HOTLINE_SWITCH: 'freswitch' is not one of embedded, freeswitch (did you mean freeswitch?)" in told
    assert "HOTLINE_JOURNAL_SNYC: no such setting (did you mean HOTLINE_JOURNAL_SYNC?)" in told


def test_a_database_of_another_kind(refused):
    [line] = refused(HOTLINE_DATABASE="postgresql://hotline:secret-word@127.0.0.1/hotline")
    assert "HOTLINE_DATABASE" in line and "SQLite" in line and "secret-word" not in line


def test_ports_that_clash_among_our_own(refused, tmp_path):
    lines = refused(
        HOTLINE_HTTP="127.0.0.1:8490", HOTLINE_CALL_SERVER="127.0.0.1:8490", HOTLINE_RTP="16000-16999", HOTLINE_SIP="127.0.0.1:16002"
    )
    assert len(lines) == 2 and all(line.startswith("hotline: HOTLINE_") and "Remedy: " in line for line in lines)
    assert not (tmp_path / "var").exists()


def test_settings_that_are_no_yaml(refused, conf):
    (conf / "hotline.yml").write_text("sip: [1\n")
    [line] = refused(HOTLINE_CONF=str(conf))
    assert f"{conf}/hotline.yml:2: not YAML" in line


@pytest.mark.parametrize("switch", ["embedded", "freeswitch"])
@pytest.mark.parametrize("advertise", ["", "0.0.0.0"])
def test_everywhere_without_an_address_for_the_phones(refused, switch, advertise):
    [line] = refused(
        HOTLINE_SIP="0.0.0.0:5060", HOTLINE_ADVERTISE=advertise, HOTLINE_SWITCH=switch, HOTLINE_CALL_SERVER="127.0.0.1:8084"
    )
    assert "0.0.0.0" in line and "set HOTLINE_ADVERTISE" in line


def test_no_configuration_is_written_for_everywhere(start, environment, tmp_path):
    changed = environment | {"HOTLINE_SIP": "0.0.0.0:5060", "HOTLINE_SWITCH": "freeswitch"}
    process = start("-m", "switch_app", "freeswitch-config", tmp_path / "fs", env=changed, cwd=ROOT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2 and "set HOTLINE_ADVERTISE" in err
    assert not (tmp_path / "fs").exists()


def test_a_folder_that_cannot_be_made(refused, tmp_path):
    (tmp_path / "file").write_text("")
    [line] = refused(HOTLINE_VAR=str(tmp_path / "file" / "var"))
    assert "cannot be made or written" in line and "HOTLINE_VAR" in line


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_unreadable_file_of_the_settings(refused, conf, content):
    file = conf / "queues.yml"
    file.mkdir() if content is None else file.write_bytes(content)
    [line] = refused(HOTLINE_CONF=str(conf))
    assert str(file) in line and "Remedy" in line


def test_damaged_secrets_are_left_as_they_are(refused, tmp_path):
    secrets = tmp_path / "var" / "secrets.json"
    secrets.parent.mkdir()
    secrets.write_text('{"admin_login": ')
    secrets.chmod(0o600)
    [line] = refused()
    assert f"{secrets} is damaged. Remedy:" in line
    assert secrets.read_text() == '{"admin_login": '


def test_secrets_that_others_can_read(refused, tmp_path):
    from switch_app import secrets_store

    secrets_store.ensure(tmp_path / "var" / "secrets.json", ["1001"])
    (tmp_path / "var" / "secrets.json").chmod(0o644)
    [line] = refused()
    assert "chmod 600" in line


def a_database(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE something (n INTEGER)")
        db.executemany("INSERT INTO something VALUES (?)", [(n,) for n in range(2000)])
        db.commit()


def damage(path, how: str) -> None:
    if how == "a folder":
        path.mkdir()
    elif how == "no database":
        path.write_bytes(b"not a database, " * 100)
    else:
        a_database(path)
        content = path.read_bytes()
        kept = {"cut off": content[:-4096], "overwritten": content[:4096] + bytes(4096) + content[8192:]}.get(how, content)
        path.write_bytes(kept)
    if how == "no log beside it":
        path.with_name(f"{path.name}-wal").mkdir()
        with closing(sqlite3.connect(path)) as db, suppress(sqlite3.Error):
            db.execute("PRAGMA journal_mode=WAL")


@pytest.mark.parametrize("how", ["a folder", "no database", "cut off", "overwritten", "no log beside it"])
@pytest.mark.parametrize("name", ["crm.db", "journal.db"])
def test_a_database_that_is_none(refused, tmp_path, name, how):
    path = tmp_path / "var" / name
    path.parent.mkdir()
    damage(path, how)
    before = path.read_bytes() if path.is_file() else b""
    [line] = refused()
    assert f"{path} cannot be used" in line and "Remedy" in line
    assert not path.is_file() or path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
@pytest.mark.parametrize("name", ["crm.db", "journal.db"])
def test_a_database_that_may_not_be_written(refused, tmp_path, name):
    path = tmp_path / "var" / name
    path.parent.mkdir()
    a_database(path)
    path.chmod(0o440)
    [line] = refused()
    assert f"{path} cannot be used" in line and "Remedy" in line


def test_small_files_with_mistakes_are_told_with_their_places(refused, conf):
    (conf / "numbers.yml").write_text("inbuond:\n  4000: main\n")
    (conf / "queues.yml").write_text("sales:\n  ring_s: 1\n")
    told = refused(HOTLINE_CONF=str(conf))
    assert any(f"{conf}/numbers.yml:1:1" in line and "inbound" in line for line in told)
    assert any(f"{conf}/queues.yml:2:" in line for line in told)


def test_a_password_file_that_is_not_there(refused):
    [line] = refused(
        HOTLINE_SWITCH="freeswitch", HOTLINE_CALL_SERVER="127.0.0.1:8084", HOTLINE_FREESWITCH_PASSWORD_FILE="/nonexistent"
    )
    assert "/nonexistent is not there" in line and "set HOTLINE_FREESWITCH_PASSWORD_FILE" in line


def test_conf_without_numbers(refused, conf):
    [line] = refused(HOTLINE_CONF=str(conf))
    assert f"{conf}/numbers.yml cannot be read: No such file" in line and "Remedy" in line


def test_a_file_in_var_that_cannot_be_opened(refused, tmp_path):
    in_the_way = tmp_path / "var" / "run" / "supervisor.lock"
    in_the_way.mkdir(parents=True)  # as a file of root, whom these tests often run as
    [line] = refused()
    assert line.startswith(f"hotline: {in_the_way}: ") and "Remedy: run as its owner" in line


def test_a_disk_without_room_for_a_start(monkeypatch, tmp_path):
    monkeypatch.setattr(first_start, "ROOM", 2**62)
    with pytest.raises(Refused, match=rf"the disk of {tmp_path} is full .* Remedy: free at least"):
        first_start.require_room(tmp_path)


def test_too_few_open_files(start, environment, tmp_path):
    few = "import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)); runpy.run_module('switch_app', run_name='__main__')"
    process = start("-c", f"import sys; sys.argv[1:] = ['run']; {few}", env=environment, cwd=ROOT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert "no more than 200 files" in err and "Remedy: ulimit -n" in err and not (tmp_path / "var").exists()


def test_freeswitch_without_a_fixed_port_to_meet_at(refused):
    [line] = refused(HOTLINE_SWITCH="freeswitch")
    assert "set HOTLINE_CALL_SERVER to the fixed port" in line
