"""A copy of its own for each test, and no process left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from starting import ROOT, free_port


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """Of a copy of its own: VAR and ports that nobody else has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return kept | {
        "HOTLINE_VAR": str(tmp_path / "var"),
        "HOTLINE_SIP": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "HOTLINE_HTTP": f"127.0.0.1:{free_port()}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen]]:
    """Start a program; whatever still runs at the end of the test is killed."""
    started: list[subprocess.Popen] = []

    def begin(*command: str, **options) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *map(str, command)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
