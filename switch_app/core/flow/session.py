"""A call's place in its flow: plain data, all that is needed to go on from a wait.

What was typed may be a secret (a PIN typed ahead), so `to_plain` wraps it: core.plain writes it as
asterisks into the journal, and a session restored from there has lost just that and asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pydantic import SecretStr


@dataclass(slots=True)
class Session:
    """wait: what the current step waits for (owned by the step), {} while none.

    stack: frames of subflows, outermost first: flow, version, step, next.
    attempts and visits: counters per "flow:step", and of the messages begun per "/box". secrets: variables
    that are never written.
    """

    leg: str
    flow: str = ""
    version: str = ""
    step: str = ""
    language: str = ""
    call: dict[str, Any] = field(default_factory=dict)  # interaction, ani, dnis, name
    customer: dict[str, Any] | None = None
    vars: dict[str, Any] = field(default_factory=dict)
    wait: dict[str, Any] = field(default_factory=dict)
    stack: list[dict[str, str]] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    answered: bool = False
    gone: bool = False  # the caller has hung up
    ended: str = ""  # completed | failed | hung_up: nothing is waited for any more
    failed: bool = False  # the flow gave up; the fallback holds the caller
    typed: str = ""  # type-ahead
    digits: str = ""  # the entry that is being made
    swallow: str = ""  # a terminator that may still follow a full entry
    swallow_until: float = 0.0
    secrets: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Session:
        """A copy whose counters, variables and wait may be changed (values are never changed in place)."""
        return replace(
            self,
            vars=dict(self.vars),
            wait=dict(self.wait),
            stack=list(self.stack),
            attempts=dict(self.attempts),
            visits=dict(self.visits),
            secrets=dict(self.secrets),
        )

    def to_plain(self, reveal: bool = False) -> dict[str, Any]:
        """The fields; what was typed as SecretStr unless `reveal` (then all is JSON-able)."""
        plain: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        if reveal:
            plain["revealed"] = True
        else:
            plain["typed"] = SecretStr(self.typed)
            plain["digits"] = SecretStr(self.digits)
            plain["secrets"] = {name: SecretStr(value) for name, value in self.secrets.items()}
        return plain

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Session:
        """Restore; secrets that were written as asterisks are gone."""
        plain = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        revealed = bool(data.get("revealed"))
        plain["typed"] = _shown(plain.get("typed", ""), revealed)
        plain["digits"] = _shown(plain.get("digits", ""), revealed)
        shown = {name: _shown(value, revealed) for name, value in plain.get("secrets", {}).items()}
        plain["secrets"] = {name: value for name, value in shown.items() if value}
        return cls(**plain).copy()


def _shown(value: Any, revealed: bool) -> str:
    """The secret itself; "" of what was written as asterisks."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if revealed else ""
