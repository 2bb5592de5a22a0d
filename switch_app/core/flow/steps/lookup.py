"""lookup: who is calling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ... import facts as f
from ... import orders as o
from ...signals import CustomerLookedUp
from ..turn import Turn
from .base import Exit, Step, Target, Text

LIMIT_S = 5.0


class LookupStep(Step):
    """Find the customer by number, or by account; then `customer` has its data in all later steps.

    ```yaml
    who_calls:
      type: lookup
      by: number            # or account, with value: "{{ account }}"
      found: greet
      unknown: ask_account
      late: main_menu       # the directory did not answer in time; default: unknown
      use_language: true    # speak the customer's language from here on
    ```
    """

    type: Literal["lookup"]
    by: Literal["number", "account"] = "number"
    value: Text = "{{ caller }}"
    found: Target
    unknown: Target
    late: Target = ""
    use_language: bool = False

    def exits(self) -> Iterator[Exit]:
        yield Exit(("found",), self.found, "found", "world")
        yield Exit(("unknown",), self.unknown, "unknown", "world")
        if self.late:
            yield Exit(("late",), self.late, "late", "world")

    def enter(self, turn: Turn) -> str | None:
        value = str(turn.text(self.value)).strip()
        if not value:
            return self.unknown
        ref = turn.refs()
        turn.wait("lookup", ref, LIMIT_S)
        turn.orders.append(o.LookUpCustomer(ref, self.by, value))
        return None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        if isinstance(signal, CustomerLookedUp) and signal.result == "found" and signal.customer:
            return self._found(turn, signal.customer)
        late = not isinstance(signal, CustomerLookedUp) or signal.result == "late"
        return self.late if late and self.late else self.unknown

    def _found(self, turn: Turn, customer: dict[str, Any]) -> str:
        turn.session.customer = customer
        turn.facts.append(f.CustomerIdentified(customer, self.by))
        language = str(customer.get("language") or "")
        if self.use_language and turn.flow and language in turn.flow.languages:
            turn.choose_language(language)
        return self.found
