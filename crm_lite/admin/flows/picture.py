"""The graph of a flow as SVG, and its stylesheet: the pages' policy allows no style within a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app
from markupsafe import Markup

from switch_app.core.flow.graph import graph_of, svg_of
from switch_app.core.flow.graph.drawing import STYLE

from ..tongue import language


def stylesheet() -> str:
    """What svg_of would put into the document."""
    return STYLE


def picture(path: Path, problems: list[dict[str, Any]]) -> Markup:
    """The file's flow with its problems marked, each step leading to its line; empty for a broken file."""
    config = current_app.config["HOTLINE"]
    flow = config.flow_of(path)
    if flow is None:
        return Markup("")
    graph = graph_of(flow, config.prompts_of(), language(), _marks(flow, problems))
    svg = svg_of(graph, language(), flow.name, "#line-{line}")
    # An image hides its links from those who hear the page; a group has them.
    svg = svg.replace(f"<style>{STYLE}</style>", "").replace('role="img"', 'role="group"', 1)
    return Markup(svg)  # svg_of escapes all texts


def _marks(flow: Any, problems: list[dict[str, Any]]) -> dict[str, str]:
    """step -> the worst severity of the problems from its line to the next step's."""
    begins = sorted((flow.place(("steps", name), key=True)[0], name) for name in flow.steps)
    marks: dict[str, str] = {}
    for problem in problems:
        step = next((name for line, name in reversed(begins) if line <= problem["line"]), "")
        if step and marks.get(step) != "error":
            marks[step] = problem["severity"]
    return marks
