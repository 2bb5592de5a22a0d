"""Text from outside (caller names, digits, headers) made fit for every database and page."""

from __future__ import annotations

from typing import Any

_LOST = "\N{REPLACEMENT CHARACTER}"


def clean(text: object, limit: int = 255) -> str:
    """The text without NUL (PostgreSQL refuses it) and lone surrogates (invalid UTF-8), cut."""
    return _storable(str(text))[:limit]


def clean_data(data: Any) -> Any:
    """The same for every text within plain data; nothing is cut."""
    if isinstance(data, str):
        return _storable(data)
    if isinstance(data, dict):
        return {_storable(str(key)): clean_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [clean_data(value) for value in data]
    return data


def _storable(text: str) -> str:
    if "\0" in text:
        text = text.replace("\0", _LOST)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(_LOST if 0xD800 <= ord(sign) <= 0xDFFF else sign for sign in text)
    return text
