"""FreeSWITCH's XML dialplan (mod_dialplan_xml.c): contexts, extensions, conditions, and the hunt."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from .expand import Lookup, expand
from .preprocess import Globals, read_tree

log = logging.getLogger("softswitch.dialplan")


@dataclass(frozen=True)
class Action:
    application: str
    data: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Test:
    """One field against one pattern (search, not match); `field` may hold `${name}`."""

    field: str
    expression: re.Pattern[str]


@dataclass(frozen=True)
class Condition:
    """kind: how several `<regex>` count (all, any, xor); without a test it is true."""

    tests: tuple[Test, ...]
    kind: str
    break_on: str
    actions: tuple[Action, ...]
    anti_actions: tuple[Action, ...]


@dataclass(frozen=True)
class Extension:
    name: str
    go_on: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Route:
    """What a hunt found: the actions in order and the first extension's name."""

    extension: str
    actions: tuple[Action, ...]


@dataclass
class Dialplan:
    contexts: dict[str, list[Extension]] = field(default_factory=dict)

    def hunt(self, context: str, lookup: Lookup, run_inline: object = None) -> Route | None:
        """All actions for a call in `context`; None when no extension matches. `lookup` gives channel
        fields (destination_number ...) and variables; `run_inline(application, data)` runs inline actions."""
        found: list[Action] = []
        name = ""
        for extension in self.contexts.get(context, ()):
            actions = _try(extension, lookup, run_inline)
            if actions:
                name = name or extension.name
                found += actions
                if not extension.go_on:
                    break
        return Route(name, tuple(found)) if found else None


def _try(extension: Extension, lookup: Lookup, run_inline: object) -> list[Action]:
    found: list[Action] = []
    for condition in extension.conditions:
        passed, groups = _passes(condition, lookup)
        for action in condition.actions if passed else condition.anti_actions:
            data = _captures(action.data, groups) if passed else action.data
            if action.inline and callable(run_inline):
                run_inline(action.application, data)
            else:
                found.append(Action(action.application, data))
        stop = condition.break_on
        if stop == "always" or (stop == "on-true" and passed) or (stop == "on-false" and not passed):
            break
    return found


def _passes(condition: Condition, lookup: Lookup) -> tuple[bool, tuple[str, ...]]:
    results: list[bool] = []
    groups: tuple[str, ...] = ()
    for test in condition.tests:
        value = expand(test.field, lookup) if "${" in test.field else lookup(test.field) or ""
        match = test.expression.search(value[:1024])
        results.append(match is not None)
        if match:
            groups = (match[0], *(group or "" for group in match.groups()))
    if not results:
        return True, ()
    verdict = {"any": any(results), "xor": results.count(True) == 1}.get(condition.kind, all(results))
    return verdict, groups


def _captures(data: str, groups: tuple[str, ...]) -> str:
    if not groups or "$" not in data:
        return data
    return re.sub(r"\$(\d{1,2})", lambda m: groups[int(m[1])] if int(m[1]) < len(groups) else "", data)


def load_dialplan(folder: Path, variables: Globals) -> Dialplan:
    """All contexts of dialplan/**/*.xml; the same context in several files is joined in file order."""
    plan = Dialplan()
    for path in sorted(folder.rglob("*.xml")):
        root = read_tree(path, variables)
        for context in root.iter("context") if root is not None else ():
            extensions = plan.contexts.setdefault(context.get("name", ""), [])
            for element in context.iter("extension"):
                try:
                    extensions.append(_extension(element))
                except re.error as error:
                    log.error("%s: extension %s left out: %s", path, element.get("name"), error)
    return plan


def _extension(element: ElementTree.Element) -> Extension:
    return Extension(
        element.get("name", ""),
        element.get("continue") == "true",
        tuple(_condition(each) for each in element.findall("condition")),
    )


def _condition(element: ElementTree.Element) -> Condition:
    tests = [element, *element.findall("regex")]
    return Condition(
        tuple(
            Test(each.get("field", ""), re.compile(_expression(each)))
            for each in tests
            if each.get("field") is not None
        ),
        element.get("regex", "all"),
        element.get("break", "on-false"),
        tuple(_action(each) for each in element.findall("action")),
        tuple(_action(each) for each in element.findall("anti-action")),
    )


def _expression(element: ElementTree.Element) -> str:
    child = element.find("expression")
    return element.get("expression") or (child.text or "" if child is not None else "")


def _action(element: ElementTree.Element) -> Action:
    data = element.get("data")
    return Action(
        element.get("application", ""),
        (element.text or "").strip() if data is None else data,
        element.get("inline") == "true",
    )
