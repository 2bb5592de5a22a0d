"""What a call sees: the flow's own values (turn.py, names), the customer as the CRM finds it
(crm_lite/store/queries/customers.py), and what the steps of flows may set a variable to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import expressions, template
from ..model import Flow
from ..steps.base import Step
from ..steps.collect import CollectStep
from ..steps.menu import MenuStep
from ..steps.set import SetStep
from . import kinds as k
from .judge import Judge
from .kinds import Kind, Kinds, Shape


def _of(kinds: Kinds, words: str) -> dict[str, Shape]:
    return dict.fromkeys(words.split(), k.either(kinds, k.ABSENT))


FIGURES = _of(k.count(), "waiting logged_in ready longest_wait_s")
NOW: dict[str, Shape] = {
    "date": (Kind("text", form="date"),),
    "weekday": k.count(1, 7),
    "minute": k.count(0, 24 * 60 - 1),
    "time": (Kind("text", form="time"),),
}
CUSTOMER: dict[str, Shape] = {
    "known": k.BOOL,
    **_of(k.NUMBER, "id priority"),
    **_of(k.TEXT, "number name tier language note"),
    "numbers": [k.TEXT],
    "accounts": [_of(k.TEXT, "number currency") | _of(k.NUMBER, "balance balance_minor")],
    "interactions": [_of(k.TEXT, "id direction queue agent outcome disposition note opened_at")],
}
VALUES: dict[str, Shape] = {
    "customer": CUSTOMER,
    "now": NOW,
    **dict.fromkeys(("caller", "called", "language"), k.TEXT),
}
QUEUES: Shape = {None: FIGURES}


class Seen:
    """What each name may be in a call that passes some of these flows."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._known: dict[str, Kinds] = {name: k.of_shape(shape) for name, shape in VALUES.items()}
        self._known["queues"] = k.of_shape(QUEUES)
        self._steps: dict[str, list[Step]] = {}
        languages: dict[str, None] = {}
        for flow in flows:
            languages |= dict.fromkeys(flow.languages)
            for step in flow.steps.values():
                for _, variable in step.sets():
                    self._steps.setdefault(variable, []).append(step)
        self._known["language"] = k.either(*map(k.constant, languages))

    def __call__(self, name: str) -> Kinds:
        """What a name may be. A variable may not be set yet, and is an empty text then."""
        if name not in self._known:
            self._known[name] = k.ANY  # where it is made of itself
            given = [kinds for step in self._steps.get(name, ()) for kinds in self._given(step, name)]
            self._known[name] = k.either(*given, k.ABSENT) if given else k.ANY
        return self._known[name]

    def _given(self, step: Step, name: str) -> Iterator[Kinds]:
        match step:
            case SetStep():
                if name in step.values:
                    yield _of_value(step.values[name])
                if name in step.compute:
                    yield _loosened(Judge(self).kinds(expressions.parse(step.compute[name])))
            case MenuStep():
                yield from map(k.constant, step.choices)
            case CollectStep():
                yield k.DIGITS
            case _:
                yield k.ANY


def _of_value(value: object) -> Kinds:
    """A text with values in it is a text."""
    return k.TEXT if template.is_template(value) else _loosened(k.constant(value))


def _loosened(kinds: Kinds) -> Kinds:
    """A number, true or false may be a setting that its author changes: it is no mistake to ask for it."""
    loose = {"number": k.NUMBER, "bool": k.BOOL}
    return k.either(*(loose.get(kind.name, (kind,)) if kind.is_constant else (kind,) for kind in kinds))
