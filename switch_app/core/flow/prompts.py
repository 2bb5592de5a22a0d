"""Prompts: which recording says what, in which language.

A manifest is made outside (flowfiles.manifest reads sounds/prompts.yml) and is plain data; a flow
names parts to say, and `say` gives the sounds of a Play order.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol

from switch_app.core.flow import say_en, say_zh
from switch_app.core.flow.spoken import text_sound
from switch_app.core.plain import to_plain

MISSING_TONE = "tone:%(250,80,350)"  # FreeSWITCH's tone_stream syntax: 250 ms on, 80 ms off, 350 Hz
ANY_LANGUAGE = "*"
MOST_DIGITS = 64  # spoken of one value: a hostile one can't hold the line for hours
LONGEST_SILENCE_MS = 60_000

Names = tuple[str, ...]


class Reader(Protocol):
    """A language: values to names of fragments (the modules say_LANGUAGE)."""

    NUMBER_LIMIT: int

    def digits(self, text: str, /) -> Names: ...
    def number(self, n: int, /) -> Names: ...
    def quantity(self, n: int, /) -> Names: ...
    def decimal(self, value: Decimal, /) -> Names: ...
    def amount(self, cents: int, /) -> Names: ...
    def calendar_date(self, day: date, /) -> Names: ...
    def time_of_day(self, moment: time, /) -> Names: ...
    def position(self, place: int, /) -> Names: ...
    def minutes(self, n: int, /) -> Names: ...
    def fragments(self) -> frozenset[str]: ...


READERS: Mapping[str, Reader] = {"zh": say_zh, "en": say_en}

Part = Sequence[Any]
"""("prompt", name) | ("digits", "1234") | ("number", 12) | ("quantity", 2) | ("amount", "123.45") |
("date", "2026-11-23") | ("time", "18:30") | ("position", 3) | ("minutes", 4) | ("silence", ms) |
("text", "...")"""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording. file: relative to sounds/, or `tone:...`, or "" when it was never recorded."""

    file: str
    text: str = ""


@dataclass(frozen=True)
class Manifest:
    """name -> language -> Sound; the language `*` serves all (music, tones)."""

    sounds: Mapping[str, Mapping[str, Sound]] = field(default_factory=dict)

    def find(self, name: str, language: str) -> Sound | None:
        """The recording that can be played, or None."""
        of_name = self.sounds.get(name, {})
        sound = of_name.get(language) or of_name.get(ANY_LANGUAGE)
        return sound if sound and sound.file else None

    def find_text(self, text: str, language: str) -> Sound | None:
        """The recording of exactly this text (spaces and Unicode forms apart), or None."""
        return self._by_text.get((language, text_hash(text)))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the content, in hex: a running call names its manifest by it."""
        return sha256(json.dumps(to_plain(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def _by_text(self) -> Mapping[tuple[str, str], Sound]:
        return {
            (language, text_hash(sound.text)): sound
            for of_name in self.sounds.values()
            for language, sound in of_name.items()
            if sound.file and sound.text
        }


@dataclass(frozen=True, slots=True)
class Said:
    """sounds: for a Play order. missing: (name, language) of what a tone stands for."""

    sounds: tuple[str, ...]
    missing: tuple[tuple[str, str], ...] = ()


def text_hash(text: str) -> str:
    """Eight hex digits that name a text in a file name."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return sha256(plain.encode()).hexdigest()[:8]


def say(manifest: Manifest, language: str, parts: Iterable[Part], voices: Collection[str] = ()) -> Said:
    """The sounds of the parts, in order. Never raises on a value and is never silent instead of speaking:
    what can't be said is a tone and is reported. voices: languages in which a text without a recording
    can be spoken; its sound is a token (flow.spoken)."""
    sounds: list[str] = []
    missing: dict[tuple[str, str], None] = {}
    for part in parts:
        for name, sound in _resolve(manifest, language, part, voices):
            if sound is None:
                missing[name, language] = None
            sounds.append(sound or MISSING_TONE)
    return Said(tuple(sounds), tuple(missing))


def can_say(language: str, kind: str, value: Any) -> bool:
    """Whether a value (a number, a date ...) can be read out in the language."""
    return bool(_read(language, kind, value))


def fragments(language: str) -> frozenset[str]:
    """The prompts that values (numbers, dates, ...) need in the language; empty if it can't be read."""
    reader = READERS.get(language)
    return reader.fragments() if reader else frozenset()


def _resolve(
    manifest: Manifest, language: str, part: Part, voices: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    """(name, sound or None) of each piece of a part."""
    kind, value = (part[0], part[1]) if len(part) > 1 else ("", "")
    if kind == "silence":
        yield "silence", _silence(value)
    elif kind == "text":
        yield f"text:{str(value)[:60]}", _text(manifest, language, str(value), voices)
    else:
        names = (str(value),) if kind == "prompt" else _read(language, str(kind), value)
        for name in names or (f"{kind}:{str(value)[:60]}",):
            sound = manifest.find(name, language)
            yield name, sound.file if sound else None


def _text(manifest: Manifest, language: str, text: str, voices: Collection[str]) -> str | None:
    found = manifest.find_text(text, language)
    if found:
        return found.file
    return text_sound(text, language) if language in voices and not text.isspace() and text else None


def _silence(value: Any) -> str | None:
    try:
        return f"silence:{min(max(int(value), 1), LONGEST_SILENCE_MS)}"
    except (TypeError, ValueError, OverflowError):
        return None


def _read(language: str, kind: str, value: Any) -> Names:
    """Names of the fragments, () for a value or a language that can't be read."""
    reader, read = READERS.get(language), _READ.get(kind)
    if reader is None or read is None:
        return ()
    try:
        return read(reader, value)
    except (TypeError, ValueError, OverflowError, InvalidOperation):
        return ()


def _digits(reader: Reader, value: Any) -> Names:
    return reader.digits("".join(c for c in str(value) if c in "0123456789")[:MOST_DIGITS])


def _number(reader: Reader, value: Any) -> Names:
    exact = _decimal(value)
    size = exact.copy_abs()  # abs() would round to 28 digits
    if size < reader.NUMBER_LIMIT:
        size = round(size, 6)  # which may reach the limit
    if size >= reader.NUMBER_LIMIT:
        return _signed(exact, _digits(reader, f"{size:.0f}"))
    whole = size == int(size)
    names = reader.number(int(size)) if whole else reader.decimal(size.normalize())
    return _signed(exact if size else size, names)


def _quantity(reader: Reader, value: Any) -> Names:
    return reader.quantity(_count(reader, value))


def _amount(reader: Reader, value: Any) -> Names:
    cents = (_decimal(value) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    if abs(cents) >= reader.NUMBER_LIMIT * 100:
        raise ValueError("too much money to say")
    return _signed(cents, reader.amount(int(abs(cents))))


def _date(reader: Reader, value: Any) -> Names:
    return reader.calendar_date(date.fromisoformat(str(value)[:10]))


def _time(reader: Reader, value: Any) -> Names:
    return reader.time_of_day(time.fromisoformat(str(value)))


def _position(reader: Reader, value: Any) -> Names:
    return reader.position(max(_count(reader, value), 1))


def _minutes(reader: Reader, value: Any) -> Names:
    return reader.minutes(_count(reader, value))


_READ = {
    "digits": _digits,
    "number": _number,
    "quantity": _quantity,
    "amount": _amount,
    "date": _date,
    "time": _time,
    "position": _position,
    "minutes": _minutes,
}


def _decimal(value: Any) -> Decimal:
    exact = Decimal(str(value).strip()[:MOST_DIGITS])
    if not exact.is_finite() or abs(exact.adjusted()) > MOST_DIGITS:
        raise ValueError("not a number that can be said")
    return exact


def _count(reader: Reader, value: Any) -> int:
    count = int(_decimal(value))
    if not 0 <= count < reader.NUMBER_LIMIT:
        raise ValueError("not a count that can be said")
    return count


def _signed(value: Decimal, names: Names) -> Names:
    return ("minus", *names) if value < 0 else names
