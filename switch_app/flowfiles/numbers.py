"""conf/numbers.yml: dialled number -> flow, for callers (inbound) and agents' phones (agents)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flaw, did_you_mean, validate
from switch_app.core.flow.steps.base import Name, Written

from .conf_file import ConfText, read_conf

DEFAULT = "default"
CONTEXTS = ("inbound", "agents")


class Entry(Written):
    """What a number leads to. language: spoken until the caller chooses; "" = the flow's first. title: what
    people call it (language -> text), e.g. the campaign that it is advertised in."""

    flow: Name
    language: str = ""
    title: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Numbers:
    """context -> number -> entry; `default` is any other number."""

    contexts: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)

    def find(self, context: str, number: str) -> Entry | None:
        """The entry of a dialled number; None if it leads nowhere."""
        entries = self.contexts.get(context, {})
        return entries.get(number) or entries.get(DEFAULT)

    def numbers(self, context: str) -> tuple[str, ...]:
        """The numbers that are named, e.g. for the dialplan."""
        return tuple(number for number in self.contexts.get(context, {}) if number != DEFAULT)


def load_numbers(
    path: Path | ConfText, flows: Mapping[str, Any] | None = None
) -> tuple[Numbers | None, list[FlowProblem]]:
    """flows: those that exist; an entry for another one is a problem. None = not looked at."""
    return read_conf(path, lambda data, flaws: _numbers(data, flaws, flows))


def _numbers(data: Any, flaws: list[Flaw], flows: Mapping[str, Any] | None) -> Numbers:
    if not isinstance(data, dict):
        flaws.append(Flaw((), "schema", f"wanted: {' and '.join(CONTEXTS)}"))
        return Numbers()
    contexts: dict[str, dict[str, Entry]] = {}
    for context, written in data.items():
        if context not in CONTEXTS:
            flaws.append(
                Flaw(
                    (context,),
                    "unknown-field",
                    f"unknown context {context}",
                    did_you_mean(context, CONTEXTS),
                    True,
                )
            )
        elif not isinstance(written, dict):
            flaws.append(Flaw((context,), "schema", "a mapping of numbers is wanted", key=True))
        else:
            contexts[context] = _entries(context, written, flaws, flows)
    return Numbers(contexts)


def _entries(
    context: str, written: dict[str, Any], flaws: list[Flaw], flows: Mapping[str, Any] | None
) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for number, value in written.items():
        path = (context, number)
        if number != DEFAULT and not _is_number(number):
            flaws.append(Flaw(path, "schema", f"{number} cannot be dialled", key=True))
            continue
        entry = validate(Entry, {"flow": value} if isinstance(value, str) else value, path, flaws)
        if entry and flows is not None and entry.flow not in flows:
            hint = did_you_mean(entry.flow, flows)
            flaws.append(Flaw((*path, "flow"), "unknown-flow", f"there is no flow {entry.flow}", hint))
        elif entry:
            entries[number] = entry
            spoken = getattr(flows[entry.flow], "languages", ()) if flows else ()
            if entry.language and spoken and entry.language not in spoken:
                message = f"the flow {entry.flow} does not speak {entry.language}"
                hint = did_you_mean(entry.language, spoken)
                flaws.append(Flaw((*path, "language"), "unknown-language", message, hint))
    return entries


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 32 and set(text.removeprefix("+")) <= set("0123456789*#")
