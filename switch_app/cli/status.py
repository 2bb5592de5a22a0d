"""Show what runs: processes, addresses, health."""

from __future__ import annotations

import socket
import sys
import time
from typing import Any

import click

from ..core.errors import Refused
from ..runtime.control_client import ControlClient
from ..settings import load
from ..supervisor import state
from .show import as_json, iso, table


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(json_: bool) -> None:
    """Show what runs: processes, addresses, health. Exit code 1: not healthy, 3: nothing runs."""
    settings = load()
    found = state.read(settings.run_dir)
    if found is None:
        click.echo(
            as_json({"running": False, "var": str(settings.var)})
            if json_
            else f"Nothing runs on {settings.var}."
        )
        sys.exit(3)
    health = health_of(found)
    if json_:
        click.echo(as_json({"running": True, **_dated(found), "health": health}))
    else:
        _show(found, health)
    sys.exit(0 if health["ok"] else 1)


def _dated(found: dict[str, Any]) -> dict[str, Any]:
    children = [{**child, "started_at": iso(child["started_at"])} for child in found["children"]]
    return {**found, "started_at": iso(found["started_at"]), "children": children}


def health_of(found: dict[str, Any]) -> dict[str, Any]:
    """ok: every child is ready, call server and admin answer, the switch is reached, and no alarm is on."""
    answer: dict[str, Any] = {}
    problems = [f"{child['name']} is not ready" for child in found["children"] if not child["ready"]]
    try:
        answer = ControlClient(found["control_socket"]).ask("status")
    except (ConnectionError, Refused) as error:
        problems.append(str(error))
    problems += [f"{name}: {text}" for name, text in answer.get("alarms", {}).items()]
    problems += _admin_problems(found["addresses"]["http"])
    return {"ok": not problems, "problems": problems, "call_server": answer or None}


def _admin_problems(address: str) -> list[str]:
    """Whether the admin answers at all; whatever it answers."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection(("127.0.0.1" if host == "0.0.0.0" else host, int(port)), 2) as line:
            line.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            speaks = line.recv(16).startswith(b"HTTP/1.")
    except OSError as error:
        return [f"the admin does not answer at {address}: {error}"]
    return [] if speaks else [f"what answers at {address} is not the admin"]


def _show(found: dict[str, Any], health: dict[str, Any]) -> None:
    click.echo(
        f"{'healthy' if health['ok'] else 'NOT HEALTHY'}  {found['var']}  (supervisor {found['pid']})\n"
    )
    now = time.time()
    rows = [
        {**child, "up_s": round(now - child["started_at"]) if child["pid"] else None}
        for child in found["children"]
    ]
    click.echo(table(rows, ("name", "pid", "ready", "up_s", "restarts", "log")))
    click.echo()
    click.echo(table([{"what": k, "address": v} for k, v in found["addresses"].items()], ("what", "address")))
    for problem in health["problems"]:
        click.echo(f"\n{problem}")
