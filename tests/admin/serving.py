"""The pages as they are served: a process of its own, which can be ended and started again on its port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
from gevent import monkey; monkey.patch_all()
import sys
sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
import furnished
from crm_lite.admin import create_app, serve
settings = furnished.settings(Path(sys.argv[2]), Path(sys.argv[1].split(":")[0]))
serve(create_app({**settings, "cooperative": True}), "127.0.0.1", int(sys.argv[3]))
"""


class Served:
    """The pages of the centre in `folder`."""

    process: subprocess.Popen[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        paths = f"{ROOT}:{Path(__file__).parent}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, paths, str(self.folder), str(self.port)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n", self.process.stderr and self.process.stderr.read()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()
