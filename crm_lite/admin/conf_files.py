"""The YAML of conf/, as a person wrote it, to be shown. Whether it is right, the call server says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

LARGEST = 1024 * 1024


class Unreadable(Exception):
    """The file is missing, too large or not YAML; the text says which."""


def read(path: Path) -> dict[str, Any]:
    """The file's mapping, every value a string. Raises Unreadable."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise Unreadable(f"{path.name}: larger than {LARGEST} characters")
        content = yaml.load(text, yaml.BaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise Unreadable(f"{path.name}: {problem}") from problem
    if not isinstance(content, dict):
        raise Unreadable(f"{path.name}: no mapping")
    return content
