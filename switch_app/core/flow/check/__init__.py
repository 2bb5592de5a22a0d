"""The linter of flows: what can be proved wrong before a caller meets it.

`check_flow` runs the rules of one flow in their order; `check_all` those of all flows. A problem has
its place in the file; errors keep a flow from coming into force, warnings do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import FlowProblem
from ..model import Flow
from . import asking, attributes, braces, counting, human, loops, names, needs, says, sense, structure, words
from .around import Around, problem

__all__ = ["Around", "check_all", "check_flow", "problem"]

RULES = (
    structure.targets,
    structure.reachable,
    structure.after_hang_up,
    structure.depth,
    structure.dead_ends,
    loops.loops,
    asking.ways_out,
    asking.key_clashes,
    says.prompts,
    says.texts,
    says.values,
    braces.braces,
    words.words,
    names.calendars,
    names.queues,
    names.variables,
    counting.first_values,
    attributes.attributes,
    sense.sense,
    names.secrets,
    names.destinations,
    names.trunks,
    names.addresses,
    names.languages,
    names.unspoken,
    needs.served,
    human.distance,
)


def check_flow(flow: Flow, around: Around) -> list[FlowProblem]:
    """The problems of one flow, in the order of its file."""
    found: Iterator[FlowProblem] = (each for rule in RULES for each in rule(flow, around))
    return sorted(found, key=lambda p: (p.line, p.column, p.rule))


def check_all(flows: Mapping[str, Flow], around: Around) -> list[FlowProblem]:
    """The problems of all flows."""
    return [each for flow in flows.values() for each in check_flow(flow, around)]
