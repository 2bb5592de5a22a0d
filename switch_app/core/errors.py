"""The kinds of error that people meet (ARCHITECTURE.md, Errors)."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """Somebody asks for what is not allowed now. `id` is stable, for programs; `message` is for people."""

    def __init__(self, id: str, message: str = "", **details: object) -> None:
        super().__init__(f"{id}: {message}" if message else id)
        self.id = id
        self.message = message
        self.details = details


@dataclass(frozen=True, slots=True)
class FlowProblem:
    """An author's mistake, at its place. severity: error | warning."""

    rule: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {self.severity}: {self.message}{hint} [{self.rule}]"
