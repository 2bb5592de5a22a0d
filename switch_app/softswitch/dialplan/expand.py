"""`${name}` in arguments, as FreeSWITCH expands them: `${name}`, `${name:start:length}`, `${api(args)}`."""

from __future__ import annotations

import re
from collections.abc import Callable

_SLICE = re.compile(r"^(?P<name>[^:]+):(?P<start>-?\d+)(?::(?P<length>-?\d+))?$")
_CALL = re.compile(r"^(?P<name>[a-z_]+)\((?P<args>.*)\)$", re.S)
_MAX = 65_536

Lookup = Callable[[str], str | None]
Api = Callable[[str, str], str]


def expand(text: str, lookup: Lookup, api: Api | None = None) -> str:
    """One pass: what a variable holds is not expanded again, so that a caller cannot plant `${...}`."""
    if "${" not in text:
        return text
    out: list[str] = []
    place = 0
    while (start := text.find("${", place)) >= 0:
        end = _closing(text, start + 2)
        if end < 0:
            break
        out.append(text[place:start])
        out.append(_value(text[start + 2 : end], lookup, api))
        place = end + 1
    out.append(text[place:])
    return "".join(out)[:_MAX]


def _closing(text: str, place: int) -> int:
    depth = 1
    while place < len(text):
        if text[place] == "{":
            depth += 1
        elif text[place] == "}":
            depth -= 1
            if not depth:
                return place
        place += 1
    return -1


def _value(inner: str, lookup: Lookup, api: Api | None) -> str:
    call = _CALL.match(inner)
    if call and api:
        return api(call["name"], expand(call["args"], lookup, None)).rstrip("\n")
    part = _SLICE.match(inner)
    if not part:
        return lookup(expand(inner, lookup, None)) or ""
    value = lookup(part["name"]) or ""
    start = int(part["start"])
    value = value[start:] if start >= 0 or -start <= len(value) else value
    length = part["length"]
    if length is None:
        return value
    return value[: int(length)]
