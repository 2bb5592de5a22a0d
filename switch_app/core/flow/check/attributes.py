"""The rule about attributes: `customer.teir` is an empty text for ever, and no caller would ever say so.

What is known is closed (seen.py). Of a flow's variables no attributes are: an answer may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import FlowProblem
from ..expressions import Chain
from ..model import Flow, did_you_mean
from .around import Around, problem
from .kinds import Shape
from .names import sources
from .seen import FIGURES, VALUES


def attributes(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-attribute: nothing is ever there. unknown-queue: figures of a queue that does not exist."""
    for path, source, written in sources(flow):
        chains = written.chains_in(source)
        queues = _queues(around, chains)
        astray = {each for chain in chains if (each := _astray(chain, {**VALUES, "queues": queues}))}
        for begun in sorted(astray, key=_said):
            if len(begun) == 2 and begun[0] == "queues":
                hint = did_you_mean(begun[1], list(queues))
                yield problem(flow, path, "unknown-queue", f"there is no queue {begun[1]}", hint)
            else:
                message, hint = _told(begun)
                yield problem(flow, path, "unknown-attribute", message, hint)


def _queues(around: Around, chains: frozenset[Chain]) -> dict[str, Shape]:
    """Where no queue is known, each that is named is taken for one."""
    if around.queues is not None:
        return {rule.name: FIGURES for rule in around.queues}
    return {str(chain[1]): FIGURES for chain in chains if chain[0] == "queues"}


def _astray(chain: Chain, values: Mapping[str, Shape]) -> Chain:
    """The chain as far as its first part that is nowhere; () of one that leads somewhere, or may do so."""
    shape: Shape = values
    for count, part in enumerate(chain, 1):
        if isinstance(shape, list) and not isinstance(part, str):
            shape = shape[0]
        elif isinstance(shape, dict) and part in shape:
            shape = shape[part]
        elif part is None and shape is values["queues"]:
            shape = FIGURES
        elif count == 1 or (part is None and isinstance(shape, dict)):
            return ()  # a variable of the flow; an attribute that is chosen during the call
        else:
            return chain[:count]
    return ()


def _told(begun: Chain) -> tuple[str, str]:
    """Message and hint for a part that is nowhere."""
    shape: Shape = VALUES | {"queues": FIGURES}
    for part in begun[:-1]:
        shape = shape[0] if isinstance(shape, list) else shape if shape is FIGURES else shape[part]
    before, part = _said(begun[:-1]), begun[-1]
    if isinstance(shape, list):
        return f"{before} is a list", f"write {before}[0]"
    if not isinstance(shape, dict):
        return f"{before} is a plain value and has no attributes", ""
    return f"{before} has no {part}", did_you_mean(part, list(shape))


def _said(chain: Chain) -> str:
    """As it may be written: customer.accounts[0].balance."""
    parts = (f".{part}" if isinstance(part, str) else f"[{'?' if part is None else part}]" for part in chain)
    return "".join(parts).removeprefix(".")
