"""Makes .venv with the pinned, hashed dependencies and hands over to a program in it.

    _bootstrap.py PROFILE [PROGRAM [ARGUMENT...]]

PROFILE says how much is installed: `run`, `phones` (adds the demo's SIP phones), `dev` (adds the
tools for tests and checks). Standard library only. A complete .venv is recognised by a stamp, so
that a second start asks nobody and takes no time. Every failure is one line with its remedy and
exit code 2. Ctrl-C, SIGTERM and a terminal that is closed end it and whatever it has started, at any
moment and by that signal (130, 143 and 129 in a shell); `nohup` holds the last one off.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "hotline-stamp.json"
MARK = VENV / "hotline-unfinished"  # there while .venv is being made: a half-made one is told by it
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
FITTING = ("3.11", "3.12")
PROFILES = ("run", "phones", "dev")  # each holds the ones before it
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PATIENCE_S = 2.0  # for a child that was told to end
VENV_TAKES = 200 * 2**20  # bytes; while it is being made, and with the tools for tests, some more
GONE_S = 10.0  # for what a start that was killed left behind and that still writes
UNUSABLE = '":[]\\$`'  # in a folder's name: Python's venv, pip or a program's first line cannot live with it
PR_SET_PDEATHSIG = 1  # prctl(2)


class Stopped(BaseException):
    """One of ENDS came."""


def main(arguments: list[str]) -> int:
    profile, program = arguments[0], arguments[1:]
    if not is_complete(profile):
        with only_one_at_a_time():
            if not is_complete(profile):  # somebody else may have made it meanwhile
                make(profile)
    if program:
        path = VENV / "bin" / program[0]
        hand_over_signals(ready_for_them=program[0] == "hotline")
        try:
            os.execv(path, [str(path), *program[1:]])
        except OSError as error:
            fail(f"{path} cannot be started: {error.strerror}. Remedy: rm -rf {VENV}, then start again.")
    return 0


# --- is .venv complete? -------------------------------------------------------------------------------
def fingerprint(profile: str) -> dict[str, str]:
    """What the .venv of a profile was made from; one that differs in anything is made anew."""
    digest = hashlib.sha256()
    for name in ("requirements/build.txt", f"requirements/{profile}.txt", "setup.cfg", "pyproject.toml"):
        digest.update(read(ROOT / name))
    return {"root": str(ROOT), "python": wanted_python(), "inputs": digest.hexdigest()}


def wanted_python() -> str:
    """The one that .venv was made with will do as long as nobody names another: a start stays offline."""
    made_with = {each.get("python") for each in stamps().values()} & set(FITTING)
    return PYTHON if os.environ.get("HOTLINE_PYTHON") or len(made_with) != 1 else made_with.pop()


def stamps() -> dict[str, dict[str, str]]:
    """Of what .venv was made, by profile; nothing when that cannot be told."""
    try:
        found = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and all(isinstance(s, dict) for s in found.values()) else {}


def is_complete(profile: str) -> bool:
    if MARK.exists() or not all((VENV / "bin" / name).exists() for name in ("python", "hotline")):
        return False
    stamp = stamps()
    return any(stamp.get(each) == fingerprint(each) for each in PROFILES[PROFILES.index(profile) :])


# --- make it --------------------------------------------------------------------------------------------
def make(profile: str) -> None:
    require_usable_name()
    clear_away_what_does_not_fit()
    if not VENV.exists():
        create_venv()
    made_from = fingerprint(profile)
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
    STAMP.write_text(json.dumps({profile: made_from}))
    MARK.unlink()


def require_usable_name() -> None:
    found = sorted({each for each in str(ROOT) if each in UNUSABLE or not each.isprintable()})
    if found:
        fail(
            f"Python's libraries cannot be installed below {str(ROOT)!r}: {' '.join(map(repr, found))} in "
            "its name. Remedy: move or rename that folder, then start again."
        )


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
    if not all(os.access(each, os.W_OK) for each in (ROOT, VENV)):
        fail(f"{VENV} {reason}, and is not yours. Remedy: sudo rm -rf {VENV}, then start again.")
    say(f"{VENV} {reason}; doing: rm -rf {VENV}")
    MARK.touch()  # goes last: what is left after an interruption is still told to be half-made
    deadline = time.monotonic() + GONE_S
    while VENV.exists():
        try:
            remove(VENV)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)  # somebody whose starter was killed still writes there


def remove(venv: Path) -> None:
    for each in venv.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        elif each != MARK:
            each.unlink()
    shutil.rmtree(venv)


def made_here() -> bool:
    made = stamps().values()
    return bool(made) and all((s.get("root"), s.get("python")) == (str(ROOT), wanted_python()) for s in made)


def create_venv() -> None:
    if not can_make_venvs():
        package = f"python{PYTHON}-venv"
        install = ["apt-get", "install", "-y", package]
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            fail(f"Python's venv module is missing. Remedy: sudo {' '.join(install)}, then start again.")
        say(f"Python's venv module is missing; as root, doing: {' '.join(install)}")
        if call(install, stdout=sys.stderr):
            say("the package lists may be old; doing: apt-get update")
            call(["apt-get", "update"], stdout=sys.stderr)
            if call(install, stdout=sys.stderr):
                fail(f"{' '.join(install)} failed. Remedy: install {package}, then start again.")
    say("making .venv (once; a minute or so)")
    VENV.mkdir(exist_ok=True)
    MARK.touch()
    if call([sys.executable, "-m", "venv", str(VENV)], stdout=sys.stderr):
        fail(f"making {VENV} failed (see above). Remedy: {room_or(f'rm -rf {VENV}')}, then start again.")


def can_make_venvs() -> bool:
    """Debian takes ensurepip's parts out of python3 and puts them into python3.X-venv."""
    code = "import venv, ensurepip; ensurepip.version()"
    return call([sys.executable, "-c", code], stderr=subprocess.DEVNULL) == 0


def pip(*arguments: str) -> None:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    code, told = run([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if code:
        print("\n".join(told.splitlines()[-20:]), file=sys.stderr)
        remedy = "see that the package index can be reached (the first start needs it)"
        fail(f"a library could not be installed (see above). Remedy: {room_or(remedy)}, then start again.")


def room_or(remedy: str) -> str:
    """The remedy, or to make room where that was the trouble, whatever Python and pip said of it."""
    if shutil.disk_usage(ROOT).free < VENV_TAKES:
        return f"free the disk of {ROOT} (.venv takes up to {VENV_TAKES // 2**20} MB)"
    return remedy


# --- programs and signals -----------------------------------------------------------------------------
def call(command: list[str], **more: Any) -> int:
    return run(command, **more)[0]


def run(command: list[str], **more: Any) -> tuple[int, str]:
    """Exit code and output of a program that ends, with all that it has started, when we do."""
    libc = ctypes.CDLL(None)  # loaded before the fork

    def as_child() -> None:
        with suppress(AttributeError):  # not Linux
            libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        for number in ENDS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # so that none comes between the fork and the `try`
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, text=True, errors="replace",
        process_group=0, preexec_fn=as_child, **more,
    )  # fmt: skip
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        told = child.communicate()[0]
    except BaseException:
        end(child)
        raise
    return child.returncode, told or ""


def end(child: subprocess.Popen[str]) -> None:
    """The child and its group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE_S)


def take_signals() -> None:
    """From here on a signal is `Stopped`; scripts/_start may have held Ctrl-C back until now."""

    def stop(number: int, frame: object) -> None:
        for each in ENDS:  # a second one does not disturb the clearing up
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    for number in ENDS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def hand_over_signals(ready_for_them: bool) -> None:
    """Ctrl-C waits until `hotline` (switch_app.cli.main) takes it: no traceback out of Python's own start."""
    if ready_for_them:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    for number in ENDS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def end_by(number: int) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    raise SystemExit(128 + number)  # not reached


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
    with suppress(OSError):  # the terminal may be closed
        print(f"hotline: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    say(text)
    raise SystemExit(2)


if __name__ == "__main__":
    try:
        take_signals()
        raise SystemExit(main(sys.argv[1:]))
    except Stopped as stopped:
        if MARK.exists():
            say("stopped; the next start makes .venv anew")
        end_by(stopped.args[0])
    except OSError as failure:
        fail(f"{failure.filename or ''}: {failure.strerror}. Remedy: mend its rights, or free the disk.")
