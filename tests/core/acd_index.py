"""The floor's index is mended fact by fact, and must always be as one that is made anew from its tables."""

from __future__ import annotations

from typing import Any

from switch_app.core.acd.floor import Floor
from switch_app.core.acd.index import Index


def same_as_anew(floor: Floor) -> None:
    """Raises AssertionError on what the index says otherwise than one made now."""
    mended, anew = floor.index, Index(floor.tables)
    for text, crew in mended.crews.items():
        other = anew.crew(crew.needs)
        assert +crew.states == +other.states, text
        for ordering, entries in crew.ready.items():
            assert entries == anew.ready(other, ordering), (text, ordering)
        for queue, line in crew.lines.items():
            assert line.crew is crew and mended.lines[queue][text] is line, (queue, text)
    assert _lines(mended) == _lines(anew)
    for name in mended.crews_of:
        agent = floor.tables.agents[name]
        held = {crew.needs.text for crew in anew.crews_with(agent)} & mended.crews.keys()
        assert {crew.needs.text for crew in mended.crews_of[name]} == held, name
    assert _filled(mended.by_state) == _filled(anew.by_state)
    assert _filled(mended.ages) == _filled(anew.ages)
    assert (mended.contacts, mended.offers) == (anew.contacts, anew.offers)


def _lines(index: Index) -> dict[tuple[str, str], Any]:
    return {(queue, text): line.work for queue, lines in index.lines.items() for text, line in lines.items()}


def _filled(lists: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: entries for name, entries in lists.items() if entries}
