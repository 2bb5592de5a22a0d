"""scripts/check: each check by its name, all of them even after one failed; non-zero when any did."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = (sys.executable, "-m", "pytest", "--quiet")
CHECKS = {
    "lint": (BIN / "ruff", "check", "--quiet"),
    "types in core and esl": (BIN / "mypy",),
    "import rules": (*PYTEST, "tests/core/test_import_rules.py"),
    "flows": (BIN / "hotline", "check"),
    "documents and translations": (*PYTEST, "tests/docs"),
}


def main() -> int:
    os.chdir(ROOT)
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    print(f"scripts/check: {len(CHECKS) - len(failed)} of {len(CHECKS)} fine", end="")
    print(f"; not: {', '.join(failed)}" if failed else "", flush=True)
    return 1 if failed else 0


def passes(name: str, command: tuple[str | Path, ...]) -> bool:
    begun = time.monotonic()
    print(f"--- {name}", flush=True)
    code = subprocess.call([str(part) for part in command], stdin=subprocess.DEVNULL)
    print(f"    {'fine' if code == 0 else 'NOT FINE'} ({time.monotonic() - begun:.1f} s)", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
