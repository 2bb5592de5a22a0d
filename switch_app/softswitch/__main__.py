"""`python -m switch_app.softswitch CONFIG.json`: run the embedded switch in the foreground."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from .config import ConfigError, load
from .log import configure


def main(config_path: str, beat: Callable[[], None] | None = None) -> int:
    """Serve until SIGTERM. Writes one line `ready {ports as JSON}` to stdout when it listens; logs go to
    stderr. Returns the exit code: 2 for a bad configuration or a port that is taken. beat: see Switch.run."""
    ready = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr  # sippy prints here and there
    try:
        config = load(Path(config_path))
        configure(config.log_level)
        from .switch import Switch

        switch = Switch(config)
    except ConfigError as error:
        print(f"softswitch: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"softswitch: cannot listen: {error}", file=sys.stderr)
        return 2
    ports = {"sip": switch.stack.address[1], "esl": switch.server.port}
    ready.write(f"ready {json.dumps(ports)}\n")
    ready.flush()
    switch.run(beat)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: python -m switch_app.softswitch CONFIG.json", file=sys.stderr)
        sys.exit(2)
    code = main(sys.argv[1])
    sys.stderr.flush()
    os._exit(code)  # sippy's timer thread would hold us up
