"""scripts/test: names and installs the Debian packages that tests want, then runs pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {  # package: (its program, who wants it)
    "sip-tester": ("sipp", "the tests that call with SIPp"),
    "sox": ("sox", "the tests that build prompts"),
}
# Whoever opens ports, starts processes or listens to sound wants the machine for itself.
ALONE = ("acceptance", "bootstrap", "contract", "reliability")


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    install_packages()
    if arguments:
        return pytest(*arguments)
    alone = [f"tests/{name}" for name in ALONE if any((ROOT / "tests" / name).rglob("test_*.py"))]
    side_by_side = ["tests", "--numprocesses", "2", *[f"--ignore={each}" for each in alone]]
    codes = [pytest(*side_by_side), *([pytest(*alone)] if alone else [])]
    return max(codes)


def pytest(*arguments: str) -> int:
    return subprocess.call([sys.executable, "-m", "pytest", "--quiet", *arguments], stdin=subprocess.DEVNULL)


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
