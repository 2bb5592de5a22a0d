"""The switch's settings: one JSON file, checked whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """The configuration file cannot be used; the message says why."""


@dataclass(frozen=True)
class Config:
    """Addresses are numeric IPv4; ports 0 mean "any free port"; `_s` are seconds."""

    conf_dir: Path
    sounds_dir: Path
    run_dir: Path
    esl_password: str
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    advertise: str = ""
    rtp_low: int = 16384
    rtp_high: int = 17383
    esl_host: str = "127.0.0.1"
    esl_port: int = 8021
    domain: str = "hotline.local"
    log_level: str = "info"
    inbound_context: str = "inbound"
    inbound_rate: float = 30.0
    inbound_burst: int = 60
    max_sessions: int = 1000
    invite_answer_s: float = 5.0
    min_expires_s: int = 30
    max_expires_s: int = 3600

    @property
    def address(self) -> str:
        """What we tell phones: the advertised address, else the one we listen on."""
        return self.advertise or self.sip_host


def _convert(name: str, kind: str, value: Any) -> Any:
    if kind == "Path":
        return Path(str(value))
    wanted: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
    if isinstance(value, bool) or not isinstance(value, wanted[kind]):
        raise ConfigError(f"{name}: expected {kind}, got {value!r}")
    return float(str(value)) if kind == "float" else value


def from_mapping(data: dict[str, Any]) -> Config:
    """Check and convert. Raises ConfigError with every mistake found."""
    known = {f.name: str(f.type) for f in fields(Config)}
    problems = [f"{name}: unknown setting" for name in data if name not in known]
    values: dict[str, Any] = {}
    for name, kind in known.items():
        if name in data:
            try:
                values[name] = _convert(name, kind, data[name])
            except ConfigError as error:
                problems.append(str(error))
    missing = {"conf_dir", "sounds_dir", "run_dir", "esl_password"} - set(data)
    problems += [f"{name}: missing" for name in sorted(missing)]
    for low, high in (("rtp_low", "rtp_high"),):
        if not problems and values.get(low, 16384) + 1 >= values.get(high, 17383):
            problems.append(f"{low}..{high}: no room for an RTP port")
    if problems:
        raise ConfigError("; ".join(problems))
    return Config(**values)


def load(path: Path) -> Config:
    """Read the JSON file. Raises ConfigError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected an object")
    return from_mapping(data)
