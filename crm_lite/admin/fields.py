"""What a person typed into a form, checked field by field; every mistake is told at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping


class Fields:
    """errors: field -> key of words (`common.error.*`) for each field that can't be taken."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}

    def __bool__(self) -> bool:
        return not self.errors

    def text(self, name: str, longest: int = 200, needed: bool = False, like: str = "") -> str:
        """One line (or more, where the form has room), without control characters; `like`: a pattern."""
        value = re.sub(r"[^\S\n]+", " ", _printable(self.typed.get(name, "").replace("\r\n", "\n"))).strip()
        if needed and not value:
            self.errors[name] = "common.error.needed"
        elif len(value) > longest:
            self.errors[name] = "common.error.too_long"
        elif value and like and not re.fullmatch(like, value):
            self.errors[name] = "common.error.unfit"
        return value

    def secret(self, name: str, shortest: int = 10, needed: bool = True) -> str:
        """A password, as typed."""
        value = self.typed.get(name, "")
        if (value or needed) and len(value) < shortest:
            self.errors[name] = "common.error.too_short"
        elif len(value) > 200:
            self.errors[name] = "common.error.too_long"
        return value

    def choice(self, name: str, among: Collection[str], default: str = "") -> str:
        value = self.typed.get(name, default)
        if value not in among:
            self.errors[name] = "common.error.unfit"
        return value

    def whole(self, name: str, lowest: int, highest: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self.typed.get(name, "").strip()
        if not value and default is not None:
            return default
        if re.fullmatch(r"-?[0-9]{1,12}", value) and lowest <= int(value) <= highest:
            return int(value)
        self.errors[name] = "common.error.number"
        return lowest

    def ticked(self, name: str) -> bool:
        return self.typed.get(name) == "1"


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign == "\u3000")
