"""Safe originate strings: what callers control is reduced to what no parser of the switch acts on."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN = re.compile(r"[{}\[\]<>()^,;|'\"`\\$&%!\s\x00-\x1f\x7f]+")
_NUMBER = re.compile(r"[^0-9A-Za-z+*#._-]")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
NAME_LIMIT = 48  # characters of a caller's name that a phone may show


def safe_number(text: str) -> str:
    """A caller's number for a variable or a SIP user part: never empty."""
    return _NUMBER.sub("", text)[:40] or "anonymous"


def safe_text(text: str, limit: int = NAME_LIMIT) -> str:
    """A caller's name for a channel variable: no separators, quotes, controls or bidi marks."""
    visible = "".join(char for char in text if unicodedata.category(char) not in _INVISIBLE)
    return _FORBIDDEN.sub(" ", visible).strip()[:limit].strip()


def variables(values: dict[str, str]) -> str:
    """`{a='x',b='y'}` for originate. Values are quoted and may hold no quote: callers use safe_text."""
    parts = []
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError(f"not a variable's name: {name!r}")
        if _FORBIDDEN.sub("", value).replace(" ", "") != value.replace(" ", ""):
            raise ValueError(f"{name} holds characters that originate would act on: {value!r}")
        parts.append(f"{name}='{value}'" if " " in value else f"{name}={value}")
    return "{" + ",".join(parts) + "}"
