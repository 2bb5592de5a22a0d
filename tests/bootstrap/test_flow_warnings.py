"""What a start says of broken files: each error with its place, a few at most."""

from __future__ import annotations

from typing import Any

from switch_app.supervisor.flow_warnings import MOST, lines_of


def problem(line: int, severity: str = "error") -> dict[str, Any]:
    said = {"rule": "unknown-step", "message": "there is no step a", "hint": "did you mean b?"}
    return said | {"file": "main.yml", "line": line, "column": 3, "severity": severity}


def test_errors_are_told_with_their_places_and_warnings_are_not() -> None:
    first, *lines = lines_of([problem(1), problem(2, "warning")])
    assert first.startswith("warning: ")
    assert lines == ["  main.yml:1:3: error: there is no step a (did you mean b?) [unknown-step]"]
    assert lines_of([problem(2, "warning")]) == []


def test_there_are_a_few_at_most() -> None:
    assert len(lines_of([problem(n) for n in range(MOST)])) == 1 + MOST
    assert lines_of([problem(n) for n in range(MOST + 3)])[-1] == "  and 3 more: hotline check"
