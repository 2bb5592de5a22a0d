"""Makes .venv with the pinned, hashed dependencies and hands over to a program in it.

    _bootstrap.py PROFILE [PROGRAM [ARGUMENT...]]

PROFILE says how much is installed: `run`, `phones` (adds the demo's SIP phones), `dev` (adds the
tools for tests and checks). Standard library only. A complete .venv is recognised by a stamp, so
that a second start asks nobody and takes no time. Every failure is one line with its remedy and
exit code 2.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "hotline-stamp.json"
MARK = VENV / "hotline-unfinished"  # there while .venv is being made: a half-made one is told by it
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
PROFILES = ("run", "phones", "dev")  # each holds the ones before it


def main(arguments: list[str]) -> int:
    profile, program = arguments[0], arguments[1:]
    if not is_complete(profile):
        with only_one_at_a_time():
            if not is_complete(profile):  # somebody else may have made it meanwhile
                make(profile)
    if program:
        path = VENV / "bin" / program[0]
        os.execv(path, [str(path), *program[1:]])
    return 0


# --- is .venv complete? -------------------------------------------------------------------------------
def fingerprint(profile: str) -> dict[str, str]:
    """What the .venv of a profile was made from; one that differs in anything is made anew."""
    digest = hashlib.sha256()
    for name in ("requirements/build.txt", f"requirements/{profile}.txt", "setup.cfg", "pyproject.toml"):
        digest.update(read(ROOT / name))
    return {"root": str(ROOT), "python": PYTHON, "inputs": digest.hexdigest()}


def is_complete(profile: str) -> bool:
    if MARK.exists() or not (VENV / "bin" / "python").exists():
        return False
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return any(stamp.get(each) == fingerprint(each) for each in PROFILES[PROFILES.index(profile) :])


# --- make it --------------------------------------------------------------------------------------------
def make(profile: str) -> None:
    clear_away_what_does_not_fit()
    if not VENV.exists():
        say("making .venv (once; a minute or so)")
        create_venv()
    MARK.touch()
    STAMP.unlink(missing_ok=True)
    say(
        "installing the pinned libraries"
        + {"run": "", "phones": " and the demo's phones"}.get(profile, ", the phones and the tools for tests")
    )
    lock = str(ROOT / "requirements" / f"{profile}.txt")
    pip("--require-hashes", "-r", str(ROOT / "requirements" / "build.txt"))
    # Two of the libraries come as source (pure Python): built with the setuptools pinned above.
    pip("--require-hashes", "--no-deps", "--no-build-isolation", "--use-pep517", "-r", lock)
    pip("--no-deps", "--no-build-isolation", "--no-index", "--use-pep517", "--editable", str(ROOT))
    STAMP.write_text(json.dumps({profile: fingerprint(profile)}))
    MARK.unlink()


def clear_away_what_does_not_fit() -> None:
    """A .venv that is half-made, broken, moved or of another Python cannot be mended: it goes."""
    if not VENV.exists():
        return
    if MARK.exists():
        reason = "was left half-made"
    elif not (VENV / "bin" / "python").exists():
        reason = "has no working Python"
    elif not STAMP.exists():
        reason = "was not made, or not finished, by scripts/run"
    elif not made_here():
        reason = "was made for another Python or another folder"
    else:
        return
    if not STAMP.exists() and not MARK.exists() and os.geteuid() != 0:
        fail(f"{VENV} {reason}. Remedy: rm -rf {VENV}, then start again.")
    say(f"{VENV} {reason}; doing: rm -rf {VENV}")
    shutil.rmtree(VENV)


def made_here() -> bool:
    try:
        stamps = list(json.loads(STAMP.read_text()).values())
        return all((s["root"], s["python"]) == (str(ROOT), PYTHON) for s in stamps)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def create_venv() -> None:
    if not can_make_venvs():
        package = f"python{PYTHON}-venv"
        install = ["apt-get", "install", "-y", package]
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            fail(f"Python's venv module is missing. Remedy: sudo {' '.join(install)}, then start again.")
        say(f"Python's venv module is missing; as root, doing: {' '.join(install)}")
        if subprocess.call(install, stdout=sys.stderr, stdin=subprocess.DEVNULL):
            say("the package lists may be old; doing: apt-get update")
            subprocess.call(["apt-get", "update"], stdout=sys.stderr, stdin=subprocess.DEVNULL)
            if subprocess.call(install, stdout=sys.stderr, stdin=subprocess.DEVNULL):
                fail(f"{' '.join(install)} failed. Remedy: install {package}, then start again.")
    VENV.mkdir()
    MARK.touch()
    if subprocess.call([sys.executable, "-m", "venv", str(VENV)], stdout=sys.stderr):
        fail(f"making {VENV} failed (see above). Remedy: rm -rf {VENV}, then start again.")


def can_make_venvs() -> bool:
    """Debian takes ensurepip's parts out of python3 and puts them into python3.X-venv."""
    code = "import venv, ensurepip; ensurepip.version()"
    return subprocess.call([sys.executable, "-c", code], stderr=subprocess.DEVNULL) == 0


def pip(*arguments: str) -> None:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-20:]), file=sys.stderr)
        fail(
            "a library could not be installed (see above). Remedy: see that the package index can be "
            "reached (the first start needs it), then start again."
        )


# --- small things -----------------------------------------------------------------------------------------
@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    with open(ROOT / "setup.cfg", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"cannot read {path} ({error.strerror}). Remedy: git checkout -- {path.relative_to(ROOT)}")


def say(text: str) -> None:
    print(f"hotline: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    say(text)
    raise SystemExit(2)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except OSError as failure:
        fail(
            f"{failure.filename or ''}: {failure.strerror}. Remedy: mend its rights, or free the disk."
        )
