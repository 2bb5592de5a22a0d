"""Dial strings of originate and bridge: `{all=1}[one=2]user/1001,sofia/gateway/trunk/555|user/1002`."""

from __future__ import annotations

from dataclasses import dataclass, field

_MAX = 8192


class DialStringError(Exception):
    """The string cannot be understood."""


@dataclass(frozen=True)
class Destination:
    """One place to call with the variables of its own leg."""

    endpoint: str
    variables: dict[str, str] = field(default_factory=dict)


def parse(text: str) -> tuple[dict[str, str], list[list[Destination]]]:
    """Common variables, and groups that are tried in turn, each called at once. Raises DialStringError."""
    if len(text) > _MAX:
        raise DialStringError("too long")
    common, rest = take_variables(text.strip(), "{", "}")
    groups = []
    for group in split(rest, "|"):
        destinations = []
        for each in split(group, ","):
            own, endpoint = take_variables(each.strip(), "[", "]")
            if endpoint:
                destinations.append(Destination(endpoint, own))
        if destinations:
            groups.append(destinations)
    if not groups:
        raise DialStringError("nobody to call")
    return common, groups


def take_variables(text: str, opening: str, closing: str) -> tuple[dict[str, str], str]:
    """Bracketed variables at the begin (several brackets may follow one another) and what comes after."""
    found: dict[str, str] = {}
    while text.startswith(opening):
        end = _closing(text, opening, closing)
        inner, text = text[1:end], text[end + 1 :].lstrip()
        delimiter = ","
        if inner.startswith("^^") and len(inner) > 2:
            delimiter, inner = inner[2], inner[3:]
        for pair in split(inner, delimiter):
            name, equals, value = pair.partition("=")
            if equals:
                found[name.strip()] = _unquoted(value.strip())
    return found, text


def _closing(text: str, opening: str, closing: str) -> int:
    depth, quoted, place = 0, False, 0
    while place < len(text):
        char = text[place]
        if char == "\\":
            place += 1
        elif char == "'":
            quoted = not quoted
        elif not quoted and char == opening:
            depth += 1
        elif not quoted and char == closing:
            depth -= 1
            if not depth:
                return place
        place += 1
    raise DialStringError(f"{opening} without {closing}")


def split(text: str, delimiter: str) -> list[str]:
    """Cut at the delimiter outside quotes and brackets; a backslash takes the next character as it is."""
    parts, current, quoted, depth, place = [], "", False, 0, 0
    while place < len(text):
        char = text[place]
        if char == "\\" and place + 1 < len(text):
            current += text[place : place + 2]
            place += 2
            continue
        if char == "'":
            quoted = not quoted
        elif not quoted and char in "[{(":
            depth += 1
        elif not quoted and char in "]})":
            depth -= 1
        if char == delimiter and not quoted and depth <= 0:
            parts.append(current)
            current = ""
        else:
            current += char
        place += 1
    return [*parts, current]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        value = value[1:-1]
    return value.replace("\\,", ",").replace("\\'", "'").replace("\\\\", "\\")


def separate(text: str, delimiter: str = " ", limit: int = 0) -> list[str]:
    """Words as switch_separate_string cuts them: single quotes hold a word together and are taken away (not
    those inside a dial string's brackets); the last of `limit` words takes the rest."""
    words: list[str] = []
    current, quoted, depth, seen = "", False, 0, False
    for place, char in enumerate(text):
        if limit and len(words) == limit - 1 and (current or char != delimiter):
            return [*words, _without_quotes((current + text[place:]).strip())]
        if char == "'" and depth <= 0 and (quoted or "'" in text[place + 1 :]):
            quoted, seen = not quoted, True
            continue
        if not quoted and char in "{[":
            depth += 1
        elif not quoted and char in "}]":
            depth -= 1
        if char == delimiter and not quoted and depth <= 0:
            if seen:
                words.append(_unquoted(current))
            current, seen = "", False
        else:
            current, seen = current + char, True
    return [*words, _unquoted(current)] if seen else words


def _without_quotes(text: str) -> str:
    """Pairs of quotes are taken away wherever they stand; an odd one is an apostrophe."""
    pieces = text.split("'")
    if len(pieces) % 2 == 0:
        return "".join(pieces[:-1]) + "'" + pieces[-1]
    return "".join(pieces)
