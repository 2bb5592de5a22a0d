"""What the pages need to know of their installation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Config:
    """database: path or URL; var: what recordings' paths are relative to; timezone, language: the centre's.

    proxies: networks of reverse proxies that tell who asks, and by HTTPS or not (proxies.py).
    cooperative: under gevent, keep the hub going.
    keep_recording: an uploaded WAV -> the name that it is kept by for greetings; raises Refused.
    flow_of: a file -> its core.flow.model.Flow, or None; prompts_of: the Manifest in force, or None.
    """

    database: str
    secret_key: str
    control_socket: Path
    var: Path
    conf: Path
    flows: Path
    timezone: str = "Asia/Shanghai"
    language: str = "zh"
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    cooperative: bool = False
    keep_recording: Callable[[bytes], str] | None = None
    flow_of: Callable[[Path], Any] = lambda _: None
    prompts_of: Callable[[], Any] = lambda: None
