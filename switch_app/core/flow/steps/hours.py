"""hours: go on by the opening hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ... import facts as f
from ..fault import StepFault
from ..hours import decide
from ..turn import Turn
from .base import Exit, Name, Step, Target


class HoursStep(Step):
    """Ask a calendar of conf/calendars.yml (weekly hours, holidays, single dates).

    ```yaml
    are_we_open:
      type: hours
      calendar: main
      open: main_menu
      closed: out_of_hours
      holiday: holiday_greeting   # closed because of a holiday; default: closed
    ```
    """

    type: Literal["hours"]
    calendar: Name
    open: Target
    closed: Target
    holiday: Target = ""

    def exits(self) -> Iterator[Exit]:
        yield Exit(("open",), self.open, "open", "world")
        yield Exit(("closed",), self.closed, "closed", "world")
        if self.holiday:
            yield Exit(("holiday",), self.holiday, "holiday", "world")

    def enter(self, turn: Turn) -> str | None:
        calendar = turn.world.calendars.get(self.calendar)
        if calendar is None:
            raise StepFault(f"there is no calendar {self.calendar}")
        local = turn.world.local
        opening = decide(calendar, local)
        turn.facts.append(f.HoursDecided(self.calendar, opening.open, local.iso, opening.why))
        if opening.open:
            return self.open
        return self.holiday if opening.holiday and self.holiday else self.closed

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return None
