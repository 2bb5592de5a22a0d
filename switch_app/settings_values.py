"""How the text of a setting becomes a value: one reader for each kind, ValueError says what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from .prompts.voices import VOICES


class Address(NamedTuple):
    """A host (an IPv4 address or a name) and a port; port 0: a free one, chosen at start."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def is_any(self) -> bool:
        return self.host in ("0.0.0.0", "::", "")

    def clashes_with(self, other: Address) -> bool:
        """Whether two listeners would want the same port; one that is chosen at start clashes with none."""
        hosts = {"127.0.0.1" if host == "localhost" else host for host in (self.host, other.host)}
        return self.port == other.port != 0 and (len(hosts) == 1 or self.is_any or other.is_any)


class PortRange(NamedTuple):
    """Ports low..high, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}-{self.high}"


class Networks(tuple[IPv4Network | IPv6Network, ...]):
    """Networks, or single addresses, of either family."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(str(each.network_address if each.num_addresses == 1 else each) for each in self)


def address(example: str) -> Callable[[str, Path], Address]:
    """Reads HOST:PORT; the example is for those who wrote something else."""

    def read(text: str, base: Path) -> Address:
        host, _, port = text.rpartition(":")
        if not (host and re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65535):
            raise ValueError(f"{text!r} is not HOST:PORT (e.g. {example})")
        if not _is_host(host):
            raise ValueError(f"{text!r}: {host!r} is no IPv4 address and no name (e.g. {example})")
        return Address(host, int(port))

    return read


def port_range(text: str, base: Path) -> PortRange:
    match = re.fullmatch(r"(\d{1,5})\s*-\s*(\d{1,5})", text)
    low, high = map(int, match.groups()) if match else (0, 0)
    if not 1024 <= low < high <= 65535 or high - low < 3:
        raise ValueError(f"{text!r} is not LOW-HIGH, at least four ports in 1024-65535 (e.g. 16000-17999)")
    return PortRange(low, high)


def networks(text: str, base: Path) -> Networks:
    """Addresses and networks with commas between them, or nothing."""
    try:
        return Networks(ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise ValueError(f"{error} (e.g. 127.0.0.1 or 10.0.0.0/24, with commas between them)") from error


def host_or_nothing(text: str, base: Path) -> str:
    if text and not _is_host(text):
        raise ValueError(f"{text!r} is not an IPv4 address or a host's name")
    return text


def _is_host(text: str) -> bool:
    """An IPv4 address of one machine or of all (0.0.0.0), or a name. Not `0` or `127.1`, which the system's
    resolver takes for addresses too."""
    if re.fullmatch(r"[0-9.]+|0[xX].*", text):
        try:
            found = IPv4Address(text)
        except ValueError:
            return False
        return not (found.is_multicast or text == "255.255.255.255")
    label = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
    return len(text) < 254 and bool(re.fullmatch(rf"{label}(\.{label})*", text))


def folder(text: str, base: Path) -> Path:
    path = _path(text, base)
    try:
        if path.exists() and not path.is_dir():
            raise ValueError(f"{path} is not a folder")
    except OSError as error:
        raise ValueError(f"{path} is no folder that can be: {error.strerror}") from error
    return Path(*[part for part in path.parts if part != "."])


def path_or_nothing(text: str, base: Path) -> Path | None:
    return _path(text, base) if text else None


def _path(text: str, base: Path) -> Path:
    try:
        return (base / Path(text).expanduser()).absolute()
    except RuntimeError as error:
        raise ValueError(f"{text!r}: there is no such user, or no home folder") from error


def database(text: str, base: Path) -> str:
    """A path; relative ones are taken as they are by SQLite, so they are made absolute here."""
    scheme, url, _ = text.partition("://")
    if url:  # never shown whole: it may hold a password
        raise ValueError(f"{scheme}:// is not served yet. Remedy: the path of a SQLite file, or nothing")
    return str(_path(text, base)) if text else ""


def time_zone(text: str, base: Path) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError) as error:
        near = get_close_matches(text, available_timezones(), 1)
        raise ValueError(
            f"{text!r} is no time zone" + (f" (did you mean {near[0]}?)" if near else "")
        ) from error
    return text


def holidays(text: str, base: Path) -> str:
    from .runtime.public_holidays import public_holidays

    public_holidays(text, "")
    return text


def one_of(*choices: str) -> Callable[[str, Path], str]:
    def read(text: str, base: Path) -> str:
        if text not in choices:
            near = get_close_matches(text, choices, 1)
            raise ValueError(
                f"{text!r} is not one of {', '.join(choices)}"
                + (f" (did you mean {near[0]}?)" if near else "")
            )
        return text

    return read


def voice(language: str) -> Callable[[str, Path], str]:
    """auto, none, the name of a voice that knows the language, or a script's path."""
    names = ("auto", "none", *(name for name, languages in VOICES.items() if language in languages))

    def read(text: str, base: Path) -> str:
        if text.endswith(".py"):
            path = _path(text, base)
            if not os.access(path, os.R_OK):
                raise ValueError(f"there is no script {path}, or it may not be read")
            return str(path)
        return one_of(*names)(text, base)

    return read


def whole(low: int, high: int) -> Callable[[str, Path], int]:
    def read(text: str, base: Path) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return read
