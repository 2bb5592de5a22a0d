"""Run the benches and print their ratios (scripts/bench)."""

from __future__ import annotations

import os
import pkgutil
import platform
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from ..core.errors import Refused
from .show import as_json


@click.command()
@click.argument("names", nargs=-1)
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(names: tuple[str, ...], json_: bool) -> None:
    """Run the benches of switch_app/bench, or those named; each compares within one run."""
    known = bench_names()
    if wrong := sorted(set(names) - set(known)):
        raise Refused("unknown_bench", f"no such bench: {', '.join(wrong)}. There are: {', '.join(known)}")
    results: dict[str, Any] = {"machine": machine()}
    if not json_:
        click.echo(f"{results['machine']}\n")
    for name in names or known:
        results[name] = timed(name)
        if not json_:
            click.echo("\n".join(lines_of(name, results[name])) + "\n")
    if json_:
        click.echo(as_json(results))
    sys.exit(1 if any(isinstance(each, dict) and "error" in each for each in results.values()) else 0)


def bench_names() -> list[str]:
    """The modules of switch_app/bench that have a function `run() -> dict`."""
    from .. import bench

    return sorted(
        each.name
        for each in pkgutil.iter_modules(bench.__path__)
        if hasattr(import_module(f"{bench.__name__}.{each.name}"), "run")
    )


def timed(name: str) -> dict[str, Any]:
    """A bench's figures and its duration; one that fails must not keep the others from running."""
    begun = time.monotonic()
    try:
        found: dict[str, Any] = import_module(f"switch_app.bench.{name}").run()
    except Exception as error:  # noqa: BLE001 - told in its place
        found = {"error": f"{type(error).__name__}: {error}"}
    return found | {"took_s": round(time.monotonic() - begun, 1)}


def lines_of(name: str, found: Mapping[str, Any], depth: int = 0) -> list[str]:
    """A result as indented lines."""
    lines = ["  " * depth + name]
    for key, value in found.items():
        if isinstance(value, Mapping):
            lines += lines_of(key, value, depth + 1)
        else:
            shown = f"{value:.4g}" if isinstance(value, float) else value
            lines.append("  " * (depth + 1) + f"{key:<44} {shown}")
    return lines


def machine() -> str:
    cores, python = os.cpu_count(), platform.python_version()
    return f"{cores} cores, {platform.machine()}, CPython {python}, {platform.system()}"
