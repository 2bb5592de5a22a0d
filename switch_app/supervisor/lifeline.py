"""A child's tie to its supervisor: when the supervisor dies, however, the child ends too.

Twofold: the kernel's parent-death signal (Linux), and a pipe on standard input that nobody writes to
and that ends with the supervisor. A plain thread reads it, started before gevent patches anything.

And the other way round: the child's main loop beats, so that the supervisor sees when it hangs.
"""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import os
import signal
import sys

VARIABLE = "HOTLINE_SUPERVISOR_PID"
PULSE = "HOTLINE_PULSE"  # the descriptor of the pipe that takes the beats
BEAT_S = 2.0
PR_SET_PDEATHSIG = 1  # prctl(2)
GRACE_S = 4.0

_pulse: int | None = None


def tie() -> bool:
    """Called first thing by a child process. False, and nothing done, in one that was started by hand."""
    global _pulse
    supervisor, pulse = os.environ.pop(VARIABLE, ""), os.environ.pop(PULSE, "")
    if not supervisor:
        return False
    if pulse:
        _pulse = int(pulse)
        os.set_inheritable(_pulse, False)
        os.set_blocking(_pulse, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the supervisor, which tells us
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != int(supervisor):  # it died before the line above
        os._exit(1)
    _thread.start_new_thread(_wait_for_the_end, (os.dup(0),))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return True


def ready() -> None:
    """Tell the supervisor that this process does its work now."""
    print("ready", flush=True)


def beat() -> None:
    """Called every BEAT_S by the main loop, from the first time on: whoever then stops beating hangs, and
    is killed and started again (Program.hung_s)."""
    if _pulse is not None:
        with contextlib.suppress(OSError):
            os.write(_pulse, b".")


def _wait_for_the_end(pipe: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(pipe, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    # Not time.sleep: gevent may have replaced it meanwhile, and this is no greenlet.
    lock = _thread.allocate_lock()
    lock.acquire()
    lock.acquire(timeout=GRACE_S)
    with contextlib.suppress(Exception):
        print("the supervisor is gone and a clean end took too long", file=sys.stderr, flush=True)
    os._exit(1)
