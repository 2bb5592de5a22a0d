"""The nodes and edges of a flow's picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import Flow
from ..prompts import ANY_LANGUAGE, Manifest
from ..steps.base import END, Step

LONGEST_LABEL = 28
LABELS_ZH = {
    "answered": "已接听", "timeout": "超时", "empty": "无人在线", "full": "队列已满", "found": "已找到",
    "unknown": "未知", "late": "超时", "open": "营业中", "closed": "已下班", "holiday": "节假日",
    "no input": "无按键", "invalid": "按键有误", "else": "否则", "done": "完成", "failed": "失败",
    "busy": "忙", "no answer": "无人接听", "refused": "被拒绝", "ok": "成功", "not found": "未找到",
    "greeting in force": "紧急问候生效",
}  # fmt: skip
DETAILS = ("queue", "calendar", "flow", "box", "to", "url", "state", "save", "by", "slot")


@dataclass(frozen=True, slots=True)
class Node:
    """A step. detail: what it is about; said: the words of its prompt. mark: error | warning | "".

    line: where it stands in the file.
    """

    name: str
    type: str
    detail: str = ""
    said: str = ""
    mark: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a step to another. label: keys or outcome; several ways to one step are one edge."""

    source: str
    target: str
    label: str = ""
    by: str = "flow"


@dataclass(frozen=True, slots=True)
class Graph:
    """starts: field (start, on_error, on_hangup) -> step."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    starts: dict[str, str] = field(default_factory=dict)


def graph_of(
    flow: Flow, manifest: Manifest | None = None, language: str = "en", marks: dict[str, str] | None = None
) -> Graph:
    """The picture of a flow. manifest, language: for the words. marks: step -> error | warning."""
    nodes = [_node(flow, name, manifest, language, (marks or {}).get(name, "")) for name in flow.steps]
    words = LABELS_ZH if language == "zh" else {}
    edges = [edge for name in flow.steps for edge in _edges(flow, name, words)]
    named = {field: getattr(flow, field) for field in ("start", "on_error", "on_hangup")}
    return Graph(tuple(nodes), tuple(edges), {k: v for k, v in named.items() if v in flow.steps})


def _node(flow: Flow, name: str, manifest: Manifest | None, language: str, mark: str) -> Node:
    step = flow.steps[name]
    detail = next((str(getattr(step, each)) for each in DETAILS if getattr(step, each, "")), "")
    line = flow.place(("steps", name), key=True)[0]
    return Node(name, step.type, detail, _said(step, manifest, language), mark, line)


def _said(step: Step, manifest: Manifest | None, language: str) -> str:
    pieces = []
    for part in getattr(step, "say", ()):
        if part.kind == "prompt":
            of_name = manifest.sounds.get(part.value, {}) if manifest else {}
            sound = of_name.get(language) or of_name.get(ANY_LANGUAGE)
            pieces.append(sound.text if sound and sound.text else str(part.value))
        elif part.kind == "text":
            pieces.append(part.value.get(language, ""))
        elif part.kind != "silence":
            pieces.append(str(part.value))
    return " ".join(pieces)


def _edges(flow: Flow, name: str, words: Mapping[str, str]) -> list[Edge]:
    """One edge for each target, its labels joined."""
    joined: dict[str, list[tuple[str, str]]] = {}
    for each in flow.steps[name].exits():
        if each.target in flow.steps or each.target == END:
            joined.setdefault(each.target, []).append((each.label, each.by))
    edges = []
    for target, ways in joined.items():
        label = ", ".join(dict.fromkeys(words.get(label, label) for label, _ in ways if label))
        by = "keys" if any(by == "keys" for _, by in ways) else ways[0][1]
        edges.append(Edge(name, target, _cut(label), by))
    return edges


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
