"""The flow's picture: whole, well-formed, harmless, readable (nothing lies on anything else)."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flow_line import flow_of

from switch_app.core.flow.graph import graph_of, lay_out, svg_of
from switch_app.core.flow.graph.layout import NODE_W
from switch_app.core.flow.prompts import Manifest, Sound
from switch_app.flowfiles.library import load_all

SAMPLES = load_all(Path(__file__).parents[2] / "ivr_flows").flows
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_is_a_box_and_every_way_is_drawn_or_named(name: str, language: str) -> None:
    graph = graph_of(SAMPLES[name], language=language)
    drawn = ElementTree.fromstring(svg_of(graph, language, title=name))
    boxes = [group.get("id") for group in drawn.iter(f"{SVG}g")]
    assert boxes == [f"step-{step}" for step in SAMPLES[name].steps]
    named = [text for text in drawn.iter(f"{SVG}text") if "jump" in str(text.get("class"))]
    ways = [path for path in drawn.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(named) + len(ways) == len(graph.edges)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_box_lies_on_another(name: str) -> None:
    layout = lay_out(graph_of(SAMPLES[name]))
    boxes = [(x - NODE_W / 2, y, NODE_W, layout.heights[step]) for step, (x, y) in layout.places.items()]
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1
    assert all(x >= 0 and y >= 0 and x + w <= layout.width and y + h <= layout.height for x, y, w, h in boxes)


def test_drawn_ways_go_from_border_to_border() -> None:
    graph = graph_of(SAMPLES["main"])
    layout = lay_out(graph)
    assert layout.routes
    for at, route in layout.routes.items():
        edge = graph.edges[at]
        (x1, y1), (x2, y2) = layout.places[edge.source], layout.places[edge.target]
        assert abs(route[0][0] - x1) <= NODE_W / 2 and abs(route[-1][0] - x2) <= NODE_W / 2
        if at not in layout.back:
            assert (route[0][1], route[-1][1]) == (y1 + layout.heights[edge.source], y2)


def test_every_step_keeps_a_way_that_is_drawn() -> None:
    for flow in SAMPLES.values():
        graph = graph_of(flow)
        layout = lay_out(graph)
        reached = {graph.edges[at].target for at in layout.routes} | set(graph.starts.values())
        assert reached >= {node.name for node in graph.nodes} - _without_way(graph)


def _without_way(graph: object) -> set[str]:
    return {n.name for n in graph.nodes} - {e.target for e in graph.edges}  # type: ignore[attr-defined]


def test_the_same_flow_gives_the_same_picture() -> None:
    first, second = (svg_of(graph_of(SAMPLES["main"]), "zh") for _ in range(2))
    assert first == second


def test_what_an_author_writes_stays_text() -> None:
    flow = flow_of("""
        first: {type: play, say: welcome, next: second}
        second:
          type: branch
          when: [{if: "caller == '<script>alert(1)</script>'", go: third}]
          else: end
        third: {type: transfer, to: "{{ caller }}<b>&\\"'", failed: end}
    """)
    hostile = Manifest({"welcome": {"en": Sound("x.wav", '</text><script src="//evil"></script>')}})
    drawn = svg_of(
        graph_of(flow, hostile, marks={"third": "error"}), title="<script>", link="/f?s={name}&l={line}"
    )
    root = ElementTree.fromstring(drawn)
    assert not list(root.iter(f"{SVG}script"))
    assert [a.get("href") for a in root.iter(f"{SVG}a")][0] == "/f?s=first&l=4"
    assert "error" in str(next(g for g in root.iter(f"{SVG}g") if g.get("id") == "step-third").get("class"))


def test_words_are_cut_to_the_box_in_both_scripts() -> None:
    flow = flow_of("first: {type: hangup, say: goodbye}")
    for text in ("您" * 100, "w" * 100):
        drawn = svg_of(graph_of(flow, Manifest({"goodbye": {"en": Sound("x.wav", text)}})))
        said = next(
            t.text for t in ElementTree.fromstring(drawn).iter(f"{SVG}text") if t.get("class") == "said"
        )
        assert said and said.endswith("…") and len(said) < 40
