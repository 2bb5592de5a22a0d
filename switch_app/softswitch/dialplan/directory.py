"""The users of FreeSWITCH's directory XML: passwords and variables."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from .preprocess import Globals, read_tree

log = logging.getLogger("softswitch.directory")


@dataclass(frozen=True)
class User:
    """`variables` are set on each channel of this user; `user_context` names its dialplan context."""

    id: str
    params: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> str:
        return self.variables.get("user_context", "default")


def load_users(folder: Path, variables: Globals) -> dict[str, User]:
    """All users of directory/**/*.xml. A broken file is logged and left out."""
    users: dict[str, User] = {}
    for path in sorted(folder.rglob("*.xml")):
        root = read_tree(path, variables)
        if root is None:
            continue
        for element in root.iter("user"):
            user = _user(element)
            if user:
                users[user.id] = user
    return users


def _user(element: ElementTree.Element) -> User | None:
    name = element.get("id", "")
    if not name:
        return None
    found: dict[str, dict[str, str]] = {"param": {}, "variable": {}}
    for kind, known in found.items():
        for each in element.iter(kind):
            known[each.get("name", "")] = each.get("value", "")
    return User(name, found["param"], found["variable"])
