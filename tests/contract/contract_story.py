"""Whole sequences of signals, normalised: ids become names, lengths become `~`, and nothing is left out.

    story(app, {"caller": leg}) == [arrived(), told("DigitPressed", leg="caller", digit="1"), ...]

A set in an expected sequence is a group that comes in any order: its members travel on two connections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from contract_application import Application

from switch_app.core import signals as s
from switch_app.core.plain import kind_of

HEADERS = "sip_call_id,sip_network_ip,sip_user_agent"
APART = ("parted_at", "at", "talked_with", "age_s")  # tested by themselves
Expected = Sequence[str | frozenset[str] | set[str]]


def told(kind: str, **values: Any) -> str:
    """A line of a story: `Kind field=value ...`, in the order of the signal's fields, without the empty ones."""
    names = [field.name for field in fields(getattr(s, kind))]
    assert set(values) <= set(names), f"{kind} has no {set(values) - set(names)}"
    shown = [f"{name}={values[name]}" for name in names if values.get(name) not in ("", None, False)]
    return " ".join([kind, *shown])


def arrived(**changes: Any) -> str:
    """The usual caller's CallArrived."""
    usual = {
        "interaction": "caller", "leg": "caller", "ani": "13800000001", "name": "13800000001", "dnis": "4000",
        "context": "inbound", "flow": "test", "version": "v1", "language": "zh", "headers": HEADERS,
    }  # fmt: skip
    return told("CallArrived", **{**usual, **changes})


def ended(leg: str = "caller", reason: str = "normal", cause: str = "NORMAL_CLEARING", by: str = "caller") -> str:
    return told("LegEnded", leg=leg, reason=reason, cause=cause, by=by)


def played(ref: str, result: str = "done", detail: str = "") -> str:
    return told("PlayEnded", ref=ref, result=result, detail=detail)


def pressed(digits: str, leg: str = "caller") -> list[str]:
    return [told("DigitPressed", leg=leg, digit=digit) for digit in digits]


def story(app: Application, names: Mapping[str, str] | None = None) -> list[str]:
    """All signals so far. names: name -> id; the first caller's leg is `caller` unless named otherwise."""
    ids = {found: name for name, found in (names or {}).items()}
    for each in app.seen(s.CallArrived):
        ids.setdefault(each.leg, "caller")
    return [_line(each.signal, ids) for each in list(app.heard)]


def assert_story(app: Application, expected: Expected, names: Mapping[str, str] | None = None) -> None:
    """Nothing more comes, and what came is this."""
    app.quiet()
    found = story(app, names)
    rest, good = list(found), True
    for wanted in expected:
        group = sorted(wanted) if isinstance(wanted, set | frozenset) else [wanted]
        head, rest = rest[: len(group)], rest[len(group) :]
        good = good and sorted(head) == group
    shown = "\n  ".join(" | ".join(sorted(each)) if not isinstance(each, str) else each for each in expected)
    assert good and not rest, "told:\n  " + "\n  ".join(found) + f"\nexpected:\n  {shown}\n{app.log()}"


def _line(signal: Any, ids: Mapping[str, str]) -> str:
    shown = [field.name for field in fields(signal) if field.name not in APART]
    values = {name: _value(getattr(signal, name), ids) for name in shown}
    return told(kind_of(signal), **values)


def _value(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, float):
        return "~" if value else ""
    if isinstance(value, Mapping):
        return ",".join(sorted(value))
    return ids.get(value, value) if isinstance(value, str) else value
