"""The rule about words in the place of values: `values: {tries: tries + 1}` keeps the text tries + 1."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import FlowProblem
from ..model import Flow
from ..steps.base import Path
from ..steps.lookup import LookupStep
from ..steps.set import SetStep
from .around import Around, problem
from .names import known_to, names_values


def words(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """not-computed: what stands there is meant to be worked out, and is not."""
    known = known_to(flow, around)
    for name, step in flow.steps.items():
        for variable, text in step.values.items() if isinstance(step, SetStep) else ():
            if isinstance(text, str) and names_values(text, known) and not text.isidentifier():
                path: Path = ("steps", name, "values", variable)
                message = f"{variable} becomes these words, not what they come to"
                hint = f'write compute: {{{variable}: "{text}"}}'
                yield problem(flow, path, "not-computed", message, hint, "warning")
        if isinstance(step, LookupStep) and names_values(step.value, known):
            path = ("steps", name, "value")
            message = f"the {step.by} that is looked for is the word {step.value}"
            hint = f'write "{{{{ {step.value} }}}}"'
            yield problem(flow, path, "not-computed", message, hint, "warning")
