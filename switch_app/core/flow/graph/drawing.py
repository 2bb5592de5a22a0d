"""The picture as SVG: no script, no fonts of its own, colours by CSS classes so that pages may theme it."""

from __future__ import annotations

from html import escape
from unicodedata import east_asian_width

from ..steps.base import END
from .layout import JUMP_H, NODE_H, NODE_W, Layout, Point, lay_out
from .picture import Edge, Graph, Node

TEXT_W = NODE_W - 24
CORNER = 8
LIGHT = (
    "--paper:#fff;--ink:#1b2733;--soft:#5b6b7b;--box:#f5f8fb;--rim:#9fb2c4;--way:#6b7f92;"
    "--keys:#0b62c4;--silence:#8a6d00;--error:#c62828;--warning:#b26a00"
)
DARK = (
    "--paper:#10161d;--ink:#e6edf3;--soft:#9fb0c0;--box:#1a232d;--rim:#445668;--way:#7f93a6;"
    "--keys:#6cb0ff;--silence:#d9b64a;--error:#ff7b72;--warning:#e3a14b"
)
STYLE = f"""
.flow{{{LIGHT};font-family:system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}}
@media(prefers-color-scheme:dark){{.flow{{{DARK}}}}}
[data-theme=light] .flow{{{LIGHT}}}[data-theme=dark] .flow{{{DARK}}}
.flow rect{{fill:var(--box);stroke:var(--rim);stroke-width:1.2}}
.flow .serves rect{{stroke:var(--keys);stroke-width:2}}
.flow .ends rect{{rx:20}}
.flow .start rect{{stroke-width:2.6}}
.flow .error rect{{stroke:var(--error);stroke-width:2.6}}
.flow .warning rect{{stroke:var(--warning);stroke-width:2.6}}
.flow text{{fill:var(--ink);font-size:13px}}
.flow .name{{font-weight:600}}
.flow .type,.flow .said,.flow .jump{{fill:var(--soft);font-size:11px}}
.flow .jump.keys{{fill:var(--keys)}}.flow .jump.silence{{fill:var(--silence)}}
.flow path{{fill:none;stroke:var(--way);stroke-width:1.4}}
.flow path.keys{{stroke:var(--keys)}}
.flow path.silence{{stroke:var(--silence);stroke-dasharray:5 4}}
.flow path.back{{stroke-dasharray:2 3}}
.flow .label{{font-size:11px;fill:var(--soft);paint-order:stroke;stroke:var(--paper);stroke-width:4px}}
.flow path.tip{{fill:var(--way);stroke:none}}
"""

TIP = (
    '<defs><marker id="flow-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>'
)

END_ZH = "结束"
TYPES_ZH = {
    "play": "播放", "menu": "菜单", "collect": "收号", "language": "语言", "hours": "营业时间",
    "lookup": "查询客户", "set": "赋值", "branch": "分支", "http": "外部接口", "queue": "排队",
    "transfer": "转接", "voicemail": "留言", "greeting": "紧急问候", "subflow": "子流程",
    "goto": "跳转", "hangup": "挂机", "agent_login": "座席登录", "presence": "座席状态",
}  # fmt: skip


def svg_of(graph: Graph, language: str = "en", title: str = "", link: str = "") -> str:
    """An SVG document to be put into a page.

    link: a page's address for each step, {name} and {line} are filled in; "" = no links.
    """
    layout = lay_out(graph)
    size = f"{layout.width:.0f}", f"{layout.height:.0f}"
    head = f'width="{size[0]}" height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}"'
    pieces = [
        f'<svg class="flow" role="img" xmlns="http://www.w3.org/2000/svg" {head}>',
        f"<title>{escape(title)}</title>" if title else "",
        f"<style>{STYLE}</style>",
        TIP,
        *(_way(graph.edges[at], at, layout) for at in layout.routes),
        *(_box(node, graph, layout, language, link) for node in graph.nodes),
        *(_label(graph.edges[at], at, layout) for at in layout.routes if graph.edges[at].label),
        "</svg>",
    ]
    return "\n".join(piece for piece in pieces if piece)


def _box(node: Node, graph: Graph, layout: Layout, language: str, link: str) -> str:
    x, y = layout.places[node.name]
    classes = ["step", f"type-{node.type}", node.mark]
    classes += ["serves"] if node.type in ("queue", "transfer") else []
    classes += ["ends"] if node.type == "hangup" else []
    classes += [field for field, step in graph.starts.items() if step == node.name]
    kind = TYPES_ZH.get(node.type, node.type) if language == "zh" else node.type.replace("_", " ")
    left, top, height = x - NODE_W / 2, y, layout.heights[node.name]
    detail = f"{kind}: {node.detail}" if node.detail else kind
    inner = (
        f"<title>{escape(_tooltip(node))}</title>"
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{NODE_W}" height="{height:.0f}" rx="{CORNER}"/>'
        + _text("name", left, top + 22, _fit(node.name, 13))
        + _text("type", left, top + 40, _fit(detail, 11))
        + (_text("said", left, top + 58, _fit(node.said, 11)) if node.said else "")
    )
    jumps = [graph.edges[at] for at in sorted(layout.jumps) if graph.edges[at].source == node.name]
    first = top + NODE_H - (2 if node.said else 14)
    for line, edge in enumerate(jumps):
        inner += _jump(edge, left, first + JUMP_H * line, language)
    group = f'<g class="{" ".join(filter(None, classes))}" id="step-{escape(node.name)}">{inner}</g>'
    if not link or not node.line:
        return group
    address = link.replace("{name}", node.name).replace("{line}", str(node.line))
    return f'<a href="{escape(address)}">{group}</a>'


def _text(kind: str, left: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{left + 12:.0f}" y="{y:.0f}">{escape(text)}</text>'


def _jump(edge: Edge, left: float, y: float, language: str) -> str:
    """A way that is named: `1 ⇢ leave_message`."""
    target = END_ZH if edge.target == END and language == "zh" else edge.target
    return _text(f"jump {edge.by}", left, y, _fit(f"{edge.label} ⇢ {target}".strip(), 11))


def _tooltip(node: Node) -> str:
    return f"{node.name}: {node.said}" if node.said else node.name


def _way(edge: Edge, at: int, layout: Layout) -> str:
    points = layout.routes[at]
    back = at in layout.back
    shape = _angled(points) if back else _curved(points)
    classes = f"{edge.by} back" if back else edge.by
    return f'<path class="{classes}" d="{shape}" marker-end="url(#flow-tip)"/>'


def _curved(points: list[Point]) -> str:
    """Vertical at each point, an S between two."""
    shape = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        middle = (y1 + y2) / 2
        shape += f"C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return shape


def _angled(points: list[Point]) -> str:
    """Straight pieces with rounded corners."""
    shape = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        one, other = _towards(here, before), _towards(here, after)
        shape += f"L{one[0]:.0f} {one[1]:.0f}Q{here[0]:.0f} {here[1]:.0f} {other[0]:.0f} {other[1]:.0f}"
    return f"{shape}L{points[-1][0]:.0f} {points[-1][1]:.0f}"


def _towards(here: Point, there: Point) -> Point:
    length = max(abs(there[0] - here[0]) + abs(there[1] - here[1]), 1.0)
    share = min(CORNER / length, 0.5)
    return here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share


def _label(edge: Edge, at: int, layout: Layout) -> str:
    points = layout.routes[at]
    if at in layout.back:
        (x, y), anchor = (points[0][0] + 5, points[0][1] - 4), "start"
    else:
        (x1, y1), (x2, y2) = points[1], points[2]
        (x, y), anchor = (x1 + (x2 - x1) * 0.3, y1 + (y2 - y1) * 0.36), "middle"
    return f'<text class="label" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(edge.label)}</text>'


def _fit(text: str, size: int) -> str:
    """Cut to a box's width; East Asian characters are as wide as they are high."""
    room = TEXT_W / size
    used = 0.0
    for at, character in enumerate(text):
        used += 1.0 if east_asian_width(character) in "WF" else 0.56
        if used > room:
            return text[: max(at - 1, 1)] + "…"
    return text
