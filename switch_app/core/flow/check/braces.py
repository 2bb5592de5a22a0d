"""The rule about values in other languages' braces: {caller}, ${caller} are said and sent as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import FlowProblem
from ..model import Flow
from ..steps.base import Path
from .around import Around, problem
from .names import known_to, texts_of

_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BRACES = re.compile(
    r"\$?\{\s*(?P<chain>(?P<name>[A-Za-z_]\w*)(?:\.\w+|\[\w+\])*)\s*\}|\$(?P<bare>[a-z_]\w*)"
)
_NEVER_MEANT = ("text", "url", "to")  # fields in which braces can be nothing else


def braces(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """braces: a value is meant, and its name is heard."""
    known = known_to(flow, around)
    for name, step in flow.steps.items():
        for path, text in texts_of(step.model_dump(exclude_defaults=True)):
            at: Path = ("steps", name, *path)
            for written, meant in _in_braces(text, known, any(part in _NEVER_MEANT for part in path)):
                message = f"{written} stands for nothing: callers hear it, others get it as it is"
                yield problem(flow, at, "braces", message, f"write {{{{ {meant} }}}}", "warning")


def _in_braces(text: str, known: frozenset[str], never_meant: bool) -> Iterator[tuple[str, str]]:
    """(as it is written, the value that is meant), each once. known: names that there are."""
    found = {}
    for each in _BRACES.finditer(_FILLED.sub("", text)):
        if each["name"] in known or each["bare"] in known or (never_meant and each["name"]):
            found[each[0]] = each["chain"] or each["bare"]
    yield from found.items()
