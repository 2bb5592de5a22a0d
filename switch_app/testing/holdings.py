"""What this interpreter holds of the product's: objects by class, and what their containers have in them.

    before = holdings()
    ...                         # as many calls again
    assert not grown(before, holdings())

A leak is a container, or a class, that has more after each call. It is named by where it is:
`switches.voice.VoiceSwitch.streams` counts the entries of that attribute over all objects of the class,
`switches.caller.Caller` the objects themselves.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any

from gevent import Greenlet

OURS = ("switch_app.", "crm_lite.")
DOUBLES = "switch_app.testing."  # they remember on purpose
BELOW = ("gevent.threadpool.", "sqlite3.Connection", "sippy.")
CONTAINERS = (dict, list, set, frozenset, tuple, deque, bytearray)
DEPTH = 3  # a dictionary of dictionaries of lists


def holdings() -> Counter[str]:
    """Of what the collector cannot take away: objects by class, entries by container. Caches
    with a bound are left out."""
    gc.collect()
    found: Counter[str] = Counter()
    for each in gc.get_objects():
        if isinstance(each, Greenlet):
            found[_running(each)] += 1
        elif name := _name(type(each)):
            found[name] += 1
            if name.startswith((*OURS, "sippy.")):
                for attribute, value in _attributes(each):
                    found[f"{name}.{attribute}"] += _entries(value)
    found.pop("", None)
    for module, variables in _modules():
        for variable, value in variables.items():
            if isinstance(value, CONTAINERS):
                found[f"{module}:{variable}"] += _entries(value)
            elif type(value).__name__ == "_lru_cache_wrapper" and value.cache_parameters()["maxsize"] is None:
                found[f"{module}:{variable}"] += value.cache_info().currsize
    return found


def grown(before: Mapping[str, int], after: Mapping[str, int], by: int = 0) -> dict[str, tuple[int, int]]:
    """What has more than `by` entries or objects more -> how many before and after."""
    return {
        name: (before.get(name, 0), count)
        for name, count in sorted(after.items())
        if count > before.get(name, 0) + by
    }


def _name(kind: Any) -> str:
    """Of a class or a function, "" for one that does not count."""
    module = getattr(kind, "__module__", None)
    name = f"{module}.{kind.__qualname__}" if isinstance(module, str) else ""
    return name if name.startswith((*OURS, *BELOW)) and not name.startswith(DOUBLES) else ""


def _running(greenlet: Greenlet) -> str:
    """What it runs, or is to run."""
    work = getattr(greenlet, "_run", None)
    name = _name(work) if hasattr(work, "__qualname__") else ""
    return f"greenlet {name}" if name else ""


def _attributes(each: Any) -> Iterator[tuple[str, Any]]:
    """Those that are containers, without asking properties."""
    try:
        own = object.__getattribute__(each, "__dict__")
    except AttributeError:
        own = {}
    if isinstance(own, dict):
        yield from ((name, value) for name, value in list(own.items()) if isinstance(value, CONTAINERS))
    for kind in type(each).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            value = getattr(each, name, None)
            if isinstance(value, CONTAINERS):
                yield name, value


def _entries(value: Any, depth: int = DEPTH) -> int:
    count = len(value)
    if depth > 1 and not isinstance(value, bytearray):
        inside = value.values() if isinstance(value, dict) else value
        count += sum(_entries(each, depth - 1) for each in list(inside) if isinstance(each, CONTAINERS))
    return count


def _modules() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, module in list(sys.modules.items()):
        if name.startswith(OURS) and not name.startswith(DOUBLES):
            yield name, dict(vars(module))
