"""Change an agent's presence, as a supervisor does (needs a running call server)."""

from __future__ import annotations

from typing import Any

import click

from ._open import control
from .show import as_json, plain

STATES = ("logged_in", "logged_out", "ready", "ready_once", "not_ready", "wrap_up_done")


@click.command()
@click.argument("agent")
@click.argument("state", type=click.Choice(STATES))
@click.option("--reason", default="", help="Why not ready.")
@click.option("--contact", default="", help="The phone to ring (its account) when logging in [AGENT].")
@click.option("--json", "json_", is_flag=True, help="The facts that it made, for programs.")
def command(agent: str, state: str, reason: str, contact: str, json_: bool) -> None:
    """Change an agent's presence, as a supervisor does."""
    contact = contact or (agent if state == "logged_in" else "")
    more = {"by": "supervisor"} | ({"contact": contact} if contact else {})
    answer = control().ask("presence", agent=agent, state=state, reason=reason, **more)
    click.echo(as_json(answer) if json_ else plain(_told(agent, state, answer["facts"])))


def _told(agent: str, asked: str, facts: list[dict[str, Any]]) -> str:
    """What came of it, for this agent first: 1001: ready; 1002: logged_out (phone_taken)."""
    now = {agent: ""}
    for fact in facts:
        data = fact["data"]
        reason = f" ({data['reason']})" if data.get("reason") else ""
        if fact["kind"] == "PresenceChanged":
            now[data["agent"]] = f"{data['state']}{reason} {data.get('interaction') or ''}".rstrip()
        elif fact["kind"] == "PresencePlanned":
            now[data["agent"]] = f"{data['state']}{reason} after the call"
    now[agent] = now[agent] or _unchanged(agent, asked)
    return "; ".join(f"{who}: {what}" for who, what in now.items())


def _unchanged(agent: str, asked: str) -> str:
    """logged_out already; ready as before (a log-in by who is logged in)."""
    found = next((each for each in control().ask("floor")["agents"] if each["agent"] == agent), None)
    if found is None:
        return "nothing had to change"
    reason = f" ({found['reason']})" if found["reason"] else ""
    after = f", {found['after_call']} after the call" if found["after_call"] else ""
    how = "already" if asked in (found["state"], found["after_call"]) else "as before: nothing had to change"
    return f"{found['state']}{reason}{after} {how}"
