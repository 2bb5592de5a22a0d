"""http: ask another system."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ... import facts as f
from ... import orders as o
from ...signals import HttpReturned
from ..turn import Turn
from .base import Data, Exit, Path, Say, Step, Target, Text, Variable

BIGGEST_WHOLE = 2**63 - 1
LONGEST_VALUE = 1000  # characters of a text that is kept
_FIXED_HOST = re.compile(r"https?://([A-Za-z0-9._-]+)(:[0-9]{1,5})?(/|$)")

_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SENDABLE = re.compile(r"[!-~]*")


def _url(value: str) -> str:
    if not _FIXED_HOST.match(value):
        raise ValueError("an address must begin with http(s)://host/, the host without values in it")
    if not _SENDABLE.fullmatch(_FILLED.sub("", value)):
        raise ValueError("an address has no spaces and only ASCII letters (%20 is a space)")
    return value


Url = Annotated[Text, AfterValidator(_url)]


class HttpStep(Step):
    """Call an address (private addresses are refused) and keep parts of its JSON answer.

    Why it failed is in the interaction's timeline.

    ```yaml
    order_state:
      type: http
      url: "https://shop.example.com/orders/{{ order }}"   # values are URL-encoded
      method: GET
      headers: {Accept: application/json}
      timeout_s: 3
      retries: 1
      save: {state: data.state, days: data.parts.0.days}   # variable: path in the answer
      ok: tell_state
      not_found: ask_again    # status 404; default: failed
      failed: operator
    ```
    """

    type: Literal["http"]
    url: Url
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[str, Text] = Field(default_factory=dict)
    body: Data = None
    timeout_s: float = Field(default=3.0, ge=0.2, le=20)
    retries: int = Field(default=1, ge=0, le=3)
    save: dict[Variable, str] = Field(default_factory=dict)
    say: Say = ()  # said while the answer is awaited
    ok: Target
    not_found: Target = ""
    failed: Target

    def exits(self) -> Iterator[Exit]:
        yield Exit(("ok",), self.ok, "ok", "world")
        if self.not_found:
            yield Exit(("not_found",), self.not_found, "not found", "world")
        yield Exit(("failed",), self.failed, "failed", "world")

    def sets(self) -> Iterator[tuple[Path, str]]:
        for name in self.save:
            yield ("save", name), name

    def enter(self, turn: Turn) -> str | None:
        ref = turn.refs()
        if self.say and not turn.session.gone and not turn.session.typed:
            turn.play(turn.sounds(self.say))
        turn.wait("http", ref, self.timeout_s * (self.retries + 1) + 2.0)
        headers = {name: _one_line(turn.text(value)) for name, value in self.headers.items()}
        body = turn.text(self.body)
        url = turn.url(self.url)
        turn.orders.append(o.CallHttp(ref, self.method, url, headers, body, self.timeout_s, self.retries))
        return None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        returned = signal if isinstance(signal, HttpReturned) else HttpReturned("", "timed_out")
        if returned.result == "done" and returned.status == 404 and self.not_found:
            return self.not_found
        if returned.result != "done" or not 200 <= returned.status < 300:
            turn.facts.append(self._failure(turn, returned))
            return self.failed
        for name, path in self.save.items():
            turn.set_variable(name, picked(returned.body, path))
        return self.ok

    @property
    def host(self) -> str:
        found = _FIXED_HOST.match(self.url)
        return found[1] if found else ""

    def _failure(self, turn: Turn, returned: HttpReturned) -> f.RequestFailed:
        reason = "status" if returned.status else returned.reason or returned.result
        return f.RequestFailed(turn.session.step, self.host, reason, returned.status)


def is_private(host: str) -> bool:
    """Whether a host is, by its very name, one that is never asked."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def picked(body: Any, path: str) -> Any:
    """A value of nested JSON by a dotted path; "" where there is none. Texts are cut."""
    for key in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(key)
        elif isinstance(body, list) and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
        else:
            return ""
    if isinstance(body, str):
        return body[:LONGEST_VALUE]
    if isinstance(body, int) and abs(body) > BIGGEST_WHOLE:
        return str(body)  # the journal would keep it as a float
    return body if isinstance(body, (bool, int, float)) and math.isfinite(body) else ""


def _one_line(value: str) -> str:
    return " ".join(value.split())
