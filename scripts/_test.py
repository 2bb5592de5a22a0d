"""scripts/test: names and installs the Debian packages that tests want, then runs pytest."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = (sys.executable, "-m", "pytest", "--quiet")
PACKAGES = {  # package: (its program, who wants it)
    "sip-tester": ("sipp", "the tests that call with SIPp"),
    "sox": ("sox", "the tests that build prompts and speak texts"),
    "espeak-ng": ("espeak-ng", "the tests in which a voice speaks texts"),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Whoever opens ports, starts processes or listens to sound waits most of the time: three such lanes at once,
# of about the same length, and nothing else beside them. Only the first one's output is seen while it comes.
ODD = [f"tests/acceptance/test_{name}.py" for name in ("odd_agents", "odd_dialogs", "holds", "five_moments")]
SHORT = [f"tests/acceptance/test_{name}.py" for name in ("first_call", "full_disk", "sipp", "spoken")]
LANES = (
    ["tests/acceptance", *(f"--ignore={each}" for each in ODD + SHORT)],
    [*ODD, "tests/bootstrap"],
    ["tests/contract", *SHORT],
)


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    install_packages()
    name_browser()
    if arguments:
        return pytest(*arguments)
    apart = [f"--ignore={each}" for lane in LANES for each in lane if not each.startswith("-")]
    return max(pytest("tests", "--numprocesses", "2", *apart), lanes())


def pytest(*arguments: str) -> int:
    return subprocess.call([*PYTEST, *arguments], stdin=subprocess.DEVNULL)


def lanes() -> int:
    """The worst exit code of all lanes."""
    with contextlib.ExitStack() as opened:
        running = []
        for number, lane in enumerate(LANES):
            output = opened.enter_context(tempfile.TemporaryFile()) if number else None
            errors = subprocess.STDOUT if output else None
            process = subprocess.Popen(
                [*PYTEST, *lane], stdin=subprocess.DEVNULL, stdout=output, stderr=errors
            )
            opened.callback(process.kill)
            running.append((process, output))
        codes = [process.wait() for process, _ in running]
        for _, output in running:
            if output:
                output.seek(0)
                print(output.read().decode(errors="replace"), end="", flush=True)
    return max(codes)


def install_packages() -> None:
    missing = [name for name, (program, _) in PACKAGES.items() if not shutil.which(program)]
    say(f"Debian packages wanted: {', '.join(PACKAGES)}; {', '.join(missing) or 'none'} missing")
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"as root, doing: {' '.join(install)}")
        if apt(*install[1:]) and not (apt("update") or apt(*install[1:])):
            return
        missing = [name for name in missing if not shutil.which(PACKAGES[name][0])]
    for name in missing:
        say(f"without {name} these are left out: {PACKAGES[name][1]}. Remedy: sudo apt-get install {name}")


def name_browser() -> None:
    """Too large to be installed without being asked for: the Python package and the browser are 500 MB."""
    missing = [] if any(map(shutil.which, BROWSERS)) else ["sudo apt-get install chromium"]
    missing += [] if find_spec("playwright") else [".venv/bin/pip install playwright"]
    if missing:
        say(f"without a browser to drive, tests/admin/browser is left out. Remedy: {'; '.join(missing)}")


def apt(*arguments: str) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", *arguments],
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-5:]), file=sys.stderr)
    return done.returncode


def say(text: str) -> None:
    print(f"scripts/test: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
