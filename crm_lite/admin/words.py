"""The pages' texts in zh and en: one words.yml in each subject's folder, both languages side by side.

A key is `<folder>.<name>`, deeper mappings make longer keys. A text may have {placeholders}. YAML is read as
plain strings, so that keys such as `on` and `no` stay what they are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

log = logging.getLogger(__name__)

LANGUAGES = ("zh", "en")


class Words:
    """Texts by key and language."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self.texts = texts

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def say(self, key: str, language: str, default: str | None = None, /, **values: Any) -> str:
        """The text, filled in; for a key that is not there `default`, or the key itself (and a log line)."""
        text = self.texts.get(key, {}).get(language)
        if text is None:
            if default is None:
                log.warning("no words for %s in %s", key, language)
            return key if default is None else default
        try:
            return text.format_map(_Blanks(values)) if values or "{" in text else text
        except (ValueError, LookupError, AttributeError):
            log.exception("words of %s do not fit their values", key)
            return text


class _Blanks(dict[str, Any]):
    """A value that is not there leaves a dash, never an error in front of a person."""

    def __missing__(self, key: str) -> str:
        return "–"


class _Loader(yaml.BaseLoader):
    """Plain strings; a key that stands twice would silently take the first one's place."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"{node.start_mark.name}: twice: {', '.join(sorted(twice))}")
        return super().construct_mapping(node, deep)


def load(root: Path) -> Words:
    """All words.yml below `root`. Raises ValueError for a text that is not whole."""
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(root.glob("*/words.yml")):
        with path.open("rb") as file:
            tree = yaml.load(file, _Loader) or {}
        for key, leaf in _leaves(path.parent.name, tree):
            if set(leaf) != set(LANGUAGES):
                raise ValueError(f"{path}: {key} needs {' and '.join(LANGUAGES)}")
            texts[key] = leaf
    return Words(texts)


def _leaves(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for key, value in node.items():
        if not isinstance(value, dict):
            raise ValueError(f"{prefix}.{key} is no mapping of languages")
        if any(isinstance(part, dict) for part in value.values()):
            yield from _leaves(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", value
