"""A disk whose fsync takes longer, for one process: a shim before the C library's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SHIM = """
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static void wait_(void) { struct timespec t = {0, %d}; nanosleep(&t, 0); }
int fsync(int fd) { wait_(); return syscall(SYS_fsync, fd); }
int fdatasync(int fd) { wait_(); return syscall(SYS_fdatasync, fd); }
"""


def slow_fsync(folder: Path, delay_s: float) -> dict[str, str]:
    """The environment of a process in which every fsync takes so much longer; {} without a C compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        return {}
    source, library = folder / "slow_fsync.c", folder / "slow_fsync.so"
    source.write_text(_SHIM % round(delay_s * 1e9))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library)}
