"""A loop goes on after a failure; it is in the log."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

log = logging.getLogger(__name__)


@contextlib.contextmanager
def logged(what: str, *expected: type[BaseException]) -> Iterator[None]:
    """Suppress: what is `expected` is a warning, anything else an error with its traceback."""
    try:
        yield
    except expected as error:
        log.warning("%s: %s", what, error)
    except Exception:
        log.exception("%s failed", what)
