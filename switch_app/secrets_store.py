"""The random secrets of one copy, made on its first start: VAR/secrets.json, for its owner's eyes alone.

Nothing has a default password. The file is the only place where the SIP passwords and the first PINs
and logins stand in clear; the CRM keeps hashes.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import string
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path

SAMPLE_AGENTS = tuple(str(number) for number in range(1001, 1011))
DEMO_AGENTS = tuple(str(number) for number in range(1101, 1131))


@dataclass(frozen=True, slots=True)
class AgentSecret:
    """sip_password: of the phone's account, which has the agent's number; pin: the first one, for logging in
    by keypad, "" for whom the admin gives one. A PIN that is changed in the admin is not here."""

    sip_password: str
    pin: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """admin_password: the first login's; later changes are the CRM's own."""

    admin_login: str
    admin_password: str
    esl_password: str
    flask_key: str
    agents: dict[str, AgentSecret] = field(default_factory=dict)


class SecretsError(Exception):
    """The file cannot be used; the message says why, with the remedy."""


def load(path: Path) -> Secrets:
    """Read the secrets. Raises SecretsError, also when others may read them."""
    try:
        with open(path, encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = json.load(file)
        agents = {number: AgentSecret(**each) for number, each in data.pop("agents").items()}
        found = Secrets(**data, agents=agents)
    except FileNotFoundError:
        raise SecretsError(f"{path} is not there. Remedy: start Hotline once (scripts/run)") from None
    except OSError as error:
        raise SecretsError(f"{path} cannot be read: {error.strerror}. Remedy: run as its owner") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SecretsError(
            f"{path} is damaged. Remedy: put a saved copy back, or move it away: the next "
            "start makes new secrets"
        ) from error
    if mode & 0o077:
        raise SecretsError(f"{path} can be read by others (mode {mode:o}). Remedy: chmod 600 {path}")
    return found


def ensure(path: Path, agents: Iterable[str] = (), pins: bool = True) -> Secrets:
    """The secrets, made where there are none yet. pins: new agents get a first PIN too; agents that come
    later have theirs from the admin. Raises SecretsError.
    """
    try:
        known = load(path) if path.exists() else _fresh()
        missing = {number: _for_agent(pins) for number in agents if number not in known.agents}
        if missing or not path.exists():
            known = replace(known, agents=dict(sorted((known.agents | missing).items())))
            _write(path, known)
    except OSError as error:
        raise SecretsError(
            f"{path} cannot be written: {error.strerror}. Remedy: mend the folder's owner "
            "or rights, or free disk space"
        ) from error
    return known


def _fresh() -> Secrets:
    return Secrets("admin", _word(16), _word(32), secrets.token_hex(32))


def _for_agent(with_pin: bool) -> AgentSecret:
    return AgentSecret(_word(20), _pin() if with_pin else "")


def _pin() -> str:
    """Six digits, none of the shapes that people try first (all the same, or counting)."""
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
        if len(steps) > 1:
            return pin


def _word(length: int) -> str:
    """Letters and digits without those that look alike: people copy these into phones."""
    alphabet = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _write(path: Path, content: Secrets) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(content), file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
