"""Settings: what wins over what, what they accept, and that nothing is passed over in silence."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from starting import ROOT

from switch_app.settings import SETTINGS, SettingsError, load
from switch_app.supervisor.recipe import environment_of


def settings(tmp_path: Path, text: str = "", **environ: str):
    (tmp_path / "conf").mkdir(exist_ok=True)
    (tmp_path / "conf" / "hotline.yml").write_text(text, encoding="utf-8")
    return load(environ, tmp_path)


def problem(tmp_path: Path, text: str = "", **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, text, **environ)
    [line] = caught.value.problems
    return line


def test_the_committed_file_is_the_defaults(tmp_path):
    written, default = load({}, ROOT), load({}, tmp_path)
    for each in SETTINGS:
        assert str(written.value(each)).replace(str(ROOT), "") == str(default.value(each)).replace(str(tmp_path), "")


def test_the_contract(tmp_path):
    found = load({}, tmp_path)
    assert (str(found.sip), str(found.http), found.var, found.switch) == (
        "127.0.0.1:5060", "127.0.0.1:8080", tmp_path / "var", "embedded",
    )  # fmt: skip
    names = {each.variable for each in SETTINGS}
    assert names >= {f"HOTLINE_{name}" for name in ("SIP", "HTTP", "VAR", "RTP", "SWITCH", "ADVERTISE")}


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path):
    found = settings(tmp_path, "sip: 127.0.0.1:1111\nhttp: 127.0.0.1:2222\n", HOTLINE_SIP="127.0.0.1:3333")
    assert (found.sip.port, found.http.port, found.rtp.low) == (3333, 2222, 16000)
    assert found.sources["sip"] == "HOTLINE_SIP"
    assert found.sources["http"] == f"{tmp_path}/conf/hotline.yml:2"
    assert found.sources["rtp"] == "default"


def test_a_path_that_is_too_long_for_a_socket_is_told_by_its_bytes(tmp_path):
    assert "is too long a path for a socket" in problem(tmp_path, HOTLINE_VAR=f"/tmp/{'呼' * 30}")
    settings(tmp_path, HOTLINE_VAR=f"/tmp/{'呼' * 20}")


def test_a_folder_of_settings_that_is_not_there_is_told(tmp_path, monkeypatch):
    told = problem(tmp_path, HOTLINE_CONF="/nonexistent/conf")
    assert told == "HOTLINE_CONF: there is no folder /nonexistent/conf"
    monkeypatch.setenv("HOME", str(tmp_path))
    settings(tmp_path, "sip: 127.0.0.1:1111\n")
    assert load({"HOTLINE_CONF": "~/conf"}, ROOT).sip.port == 1111


def test_yaml_does_not_turn_a_port_into_a_time_of_day(tmp_path):
    assert settings(tmp_path, "language: en\nrtp: 20000-20010\nlog:\n  keep: 010\n").log_keep == 10


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sip: 5060", "sip: '5060' is not HOST:PORT"),
        ("sip: 127.0.0.1:65536", "is not HOST:PORT"),
        ("sip: '127.0.0.1:5060;x'", "is not HOST:PORT"),
        ("sip: '[::1]:5060'", "'[::1]' is no IPv4 address and no name"),
        ("sip: ::1:5060", "'::1' is no IPv4 address and no name"),
        ("sip: 0:5060", "'0' is no IPv4 address"),  # the resolver takes it for all addresses
        ("sip: 127.1:5060", "'127.1' is no IPv4 address"),
        ("sip: 0x7f000001:5060", "is no IPv4 address"),
        ("sip: 256.1.1.1:5060", "'256.1.1.1' is no IPv4 address"),
        ("sip: 224.0.0.1:5060", "'224.0.0.1' is no IPv4 address"),
        ("sip: 255.255.255.255:5060", "is no IPv4 address"),
        ("http: -:8080", "'-' is no IPv4 address and no name"),
        ("http: a..b:8080", "'a..b' is no IPv4 address and no name"),
        ("http: '127.0.0.1:٨٠٨٠'", "is not HOST:PORT"),
        ("advertise: 999.1.1.1", "'999.1.1.1' is not an IPv4 address or a host's name"),
        ("advertise: 192.0.2.10:5060", "is not an IPv4 address or a host's name"),
        ("var: ~nobody-of-that-name/var", "there is no such user"),
        (f"var: /{'x' * 300}", "is no folder that can be: File name too long"),
        ("voices: {zh: /nonexistent/voice.py}", "voices.zh: there is no script /nonexistent/voice.py"),
        ("database: ./var/journal.db", "is the journal"),
        ("switch: freeswitch\nsip: 127.0.0.1:0", "FreeSWITCH cannot choose a free port"),
        ("rtp: 16000-16001", "at least four ports"),
        ("switch: asterisk", "'asterisk' is not one of embedded, freeswitch"),
        ("timezone: Asia/Shangai", "did you mean Asia/Shanghai?"),
        ("timezone: ../../etc/passwd", "is no time zone"),
        ("log: {keep: 0}", "log.keep: '0' is not a whole number from 1 to 100"),
        ("log: info", "log: should be `name: value` lines"),
        ("sip: {host: 127.0.0.1}", "sip: should be one value"),
        ("sip: 127.0.0.1:5060\nsip: 127.0.0.1:5061", "sip: is there twice"),
        ("freeswitch:\n  adress: 127.0.0.1:1", "did you mean freeswitch.address?"),
        ("[1, 2]", "the file: should be `name: value` lines"),
        ("a: \tb: c", "not YAML"),
        ("sip: \x07", "not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, text, told):
    line = problem(tmp_path, text)
    assert told in line and f"{tmp_path}/conf/hotline.yml" in line


@pytest.mark.parametrize(
    ("variable", "example"),
    [("HTTP", "127.0.0.1:8080"), ("SIP", "127.0.0.1:5060"), ("CALL_SERVER", "127.0.0.1:8084"),
     ("EVENT_SOCKET", "127.0.0.1:8022"), ("FREESWITCH_ADDRESS", "127.0.0.1:8021")],
)  # fmt: skip
def test_what_is_wrong_in_a_variable_is_told_once_with_an_example_of_its_own(tmp_path, variable, example):
    told = problem(tmp_path, **{f"HOTLINE_{variable}": "8080"})
    assert told == f"HOTLINE_{variable}: '8080' is not HOST:PORT (e.g. {example})"


LISTENERS = {"HOTLINE_HTTP": "http", "HOTLINE_CALL_SERVER": "call_server", "HOTLINE_EVENT_SOCKET": "event_socket"}


@pytest.mark.parametrize(("first", "second"), list(combinations(LISTENERS, 2)))
@pytest.mark.parametrize("hosts", [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "localhost")])
def test_two_listeners_on_one_port_are_told(tmp_path, first, second, hosts):
    told = problem(tmp_path, **{first: f"{hosts[0]}:8490", second: f"{hosts[1]}:8490"})
    assert told.startswith(f"{second}: {hosts[1]}:8490 is where {first} listens") and "Remedy: " in told


def test_a_port_that_a_default_has_is_told_too(tmp_path):
    told = problem(tmp_path, "call_server: 127.0.0.1:8080\n")
    assert told.startswith(f"{tmp_path}/conf/hotline.yml:1: call_server: 127.0.0.1:8080 is where HOTLINE_HTTP (its default)")


def test_listeners_that_do_not_meet_are_fine(tmp_path):
    settings(tmp_path, HOTLINE_HTTP="127.0.0.1:8490", HOTLINE_CALL_SERVER="127.0.0.2:8490")
    settings(tmp_path, HOTLINE_HTTP="127.0.0.1:0", HOTLINE_CALL_SERVER="127.0.0.1:0")
    settings(tmp_path, HOTLINE_SWITCH="freeswitch", HOTLINE_HTTP="127.0.0.1:8490", HOTLINE_EVENT_SOCKET="127.0.0.1:8490")


@pytest.mark.parametrize("port", [16000, 16800, 17999])
def test_sip_among_the_ports_for_audio_is_told(tmp_path, port):
    told = problem(tmp_path, HOTLINE_SIP=f"127.0.0.1:{port}")
    assert told.startswith(f"HOTLINE_SIP: 127.0.0.1:{port} is among the ports for audio, 16000-17999 of HOTLINE_RTP")
    assert "Remedy: " in told
    settings(tmp_path, HOTLINE_SIP="127.0.0.1:18000")


def test_variables_of_others_are_left_alone_but_not_those_spelt_nearly_right(tmp_path):
    settings(tmp_path, HOTLINE_SOMETHING_ELSE="1", HOTLINE_PYTHON="python3.12")
    assert problem(tmp_path, HOTLINE_ADVERTIZE="10.0.0.1") == (
        "HOTLINE_ADVERTIZE: no such setting (did you mean HOTLINE_ADVERTISE?)"
    )


def test_a_path_of_the_environment_is_relative_to_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load({"HOTLINE_VAR": "mine"}, ROOT).var == tmp_path / "mine"
    assert settings(tmp_path, "var: theirs").var == tmp_path / "theirs"


def test_a_child_reads_exactly_what_its_supervisor_checked(tmp_path):
    found = settings(tmp_path, "sip: 127.0.0.1:1111\nlanguage: en\n", HOTLINE_VAR=str(tmp_path / "v"))
    for again in (load(environment_of(found), tmp_path), load(environment_of(found), tmp_path)):
        assert all(again.value(each) == found.value(each) for each in SETTINGS)


def test_hotline_config_shows_every_setting(start, environment):
    process = start("-m", "switch_app", "config", "--json", env=environment, cwd=ROOT)
    rows = json.loads(process.communicate(timeout=30)[0])
    assert [row["name"] for row in rows] == [each.name for each in SETTINGS]
    assert next(row for row in rows if row["name"] == "sip")["source"] == "HOTLINE_SIP"
