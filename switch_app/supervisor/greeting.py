"""What `hotline run` tells a person before `ready`: where to call, and on the first start the accounts."""

from __future__ import annotations

from .. import secrets_store
from ..flowfiles.numbers import load_numbers
from ..secrets_store import AgentSecret, Secrets
from ..settings import Settings
from .flow_warnings import flow_warnings


def greeting(settings: Settings, secrets: Secrets, first: bool) -> list[str]:
    """What a person needs for a call, and which files are broken. first: with the accounts; a later start
    keeps them to itself, because its output goes into terminals' and services' logs."""
    host = settings.advertise or settings.sip.host
    numbers, _ = load_numbers(settings.conf / "numbers.yml")
    entries = numbers.contexts.get("agents", {}) if numbers else {}
    codes = [code for code, entry in entries.items() if entry.flow == "agent_log_in"]
    lines = ["Hotline runs." + (" FreeSWITCH holds the calls." if settings.switch == "freeswitch" else "")]
    for number in numbers.numbers("inbound") if numbers else ():
        lines.append(f"  dial        sip:{number}@{host}:{settings.sip.port}")
    lines.append(f"  SIP server  {host}:{settings.sip.port} (UDP)")
    lines += _accounts(secrets) if first else []
    for code in codes:
        before = "              " if first else "  agents      "
        lines.append(f"{before}to log in, dial {code} from the agent's phone: number#, PIN#")
    login = f"   first login: {secrets.admin_login} / {secrets.admin_password}" if first else ""
    page = settings.advertise or "127.0.0.1" if settings.http.is_any else settings.http.host
    lines.append(f"  admin       http://{page}:{settings.http.port}/{login}")
    if not first:
        lines.append(
            "  accounts    `.venv/bin/hotline secrets` shows the SIP passwords, first PINs and first login"
        )
    return lines + flow_warnings(settings)


def _accounts(secrets: Secrets) -> list[str]:
    lines = ["  agents      account = agent's number      SIP password          first PIN"]
    return lines + [
        _agent_line(number, each)
        for number, each in secrets.agents.items()
        if number not in secrets_store.DEMO_AGENTS
    ]


def _agent_line(number: str, agent: AgentSecret) -> str:
    return f"              {number:<30}{agent.sip_password:<22}{agent.pin}"
