"""Global variables: `<X-PRE-PROCESS cmd="set" data="name=value"/>` and `$${name}`."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from xml.etree import ElementTree

Globals = dict[str, str]
log = logging.getLogger("softswitch.dialplan")
_REFERENCE = re.compile(r"\$\$\{([^}]*)\}")
_MAX_FILE = 4 << 20


def load_globals(path: Path, given: Globals) -> Globals:
    """The variables of vars.xml on top of those given (such as the domain)."""
    known = dict(given)
    if not path.is_file():
        return known
    root = read_tree(path, None)  # each line sees those before it
    for element in root.iter("X-PRE-PROCESS") if root is not None else ():
        name, equals, value = element.get("data", "").partition("=")
        if element.get("cmd") in ("set", "exec-set", "env-set") and equals:
            known[name.strip()] = substitute(value, known)
    return known


def substitute(text: str, known: Globals) -> str:
    """Put in the globals; an unknown one becomes nothing."""
    return _REFERENCE.sub(lambda found: known.get(found[1], ""), text)


def read_tree(path: Path, known: Globals | None) -> ElementTree.Element | None:
    """Parse one file of ours; None (and a log line) if it cannot be used. Document types are refused:
    entities could grow without bound."""
    try:
        if path.stat().st_size > _MAX_FILE:
            raise ValueError("too large")
        text = path.read_text(encoding="utf-8")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError("document types are not read")
        if known is not None:
            text = substitute(text, {name: _escaped(value) for name, value in known.items()})
        try:
            return ElementTree.fromstring(text)
        except ElementTree.ParseError:
            # FreeSWITCH's included files may hold several elements side by side.
            return ElementTree.fromstring("<include>" + re.sub(r"<\?xml[^>]*\?>", "", text) + "</include>")
    except (OSError, ValueError, ElementTree.ParseError) as error:
        log.error("%s: left out: %s", path, error)
        return None


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
