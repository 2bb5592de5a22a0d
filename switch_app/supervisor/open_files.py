"""How many files and sockets a process may have open: a talk takes some ten, usual are 1024 in all."""

from __future__ import annotations

import resource

from ..core.errors import Refused

WANTED = 65_536
LEAST = 256


def allow_many() -> None:
    """Raise this process's limit, and with it its children's, as far as it may. Raises Refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if most < LEAST:
        raise Refused(
            "too_few_files",
            f"no more than {hard} files may be open at once, which is too few for calls. "
            "Remedy: ulimit -n 4096 (or LimitNOFILE of the service), then start again",
        )
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
