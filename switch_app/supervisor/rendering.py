"""The switch's plan from settings, secrets and conf/: what switches/config.py renders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import Refused
from ..flowfiles.numbers import DEFAULT, load_numbers
from ..flowfiles.trunks import load_trunks
from ..secrets_store import Secrets
from ..settings import Settings
from ..switches import config

MUSIC = "music/interlude.wav"


def render(settings: Settings, secrets: Secrets, agents: Sequence[str], folder: Path) -> None:
    """dialplan/ directory/ gateways/ for the embedded switch."""
    config.render_dialplan(plan(settings, secrets, agents), settings.root, folder)


def render_freeswitch(settings: Settings, secrets: Secrets, agents: Sequence[str], folder: Path) -> None:
    """A whole configuration for a real FreeSWITCH. Raises Refused."""
    if not settings.call_server.port:
        raise Refused(
            "call_server_port",
            "FreeSWITCH must know where to meet the application: set HOTLINE_CALL_SERVER (or call_server "
            "in conf/hotline.yml) to a fixed port, e.g. HOTLINE_CALL_SERVER=127.0.0.1:8084",
        )
    try:
        config.render_freeswitch(plan(settings, secrets, agents), settings.root, folder)
    except OSError as error:
        raise Refused("folder_unwritable", f"{error.filename} cannot be written: {error.strerror}") from error


def plan(settings: Settings, secrets: Secrets, agents: Sequence[str]) -> config.Plan:
    """Raises Refused when conf/ cannot be used."""
    numbers, flaws = load_numbers(settings.conf / "numbers.yml")
    trunks, more = load_trunks(settings.conf / "trunks.yml")
    problems = [str(problem) for problem in (*flaws, *more) if problem.severity == "error"]
    if numbers is None or trunks is None or problems:
        raise Refused("conf_unusable", "; ".join(problems))
    found = settings.sounds / MUSIC
    music = str(found) if found.exists() else config.INTERLUDE
    return config.Plan(
        domain=settings.domain,
        users={number: secrets.agents[number].sip_password for number in agents},
        call_servers=(str(settings.call_server),),
        numbers=numbers.numbers("inbound"),
        takes_any=DEFAULT in numbers.contexts.get("inbound", {}),
        trunks=tuple(config.Trunk(**trunk) for trunk in trunks),
        interlude=music,
        hold_music=music,
        media_timeout_s=settings.media_timeout_s,
        sip_host=settings.sip.host,
        sip_port=settings.sip.port,
        advertise=settings.advertise,
        rtp_low=settings.rtp.low,
        rtp_high=settings.rtp.high,
        event_socket_host=settings.freeswitch_address.host,
        event_socket_port=settings.freeswitch_address.port,
        esl_password=secrets.esl_password,
        # never info: FreeSWITCH logs the digits that a caller presses there (switch_channel.c, RECV DTMF)
        log_levels="debug,notice,warning,err,crit,alert"
        if settings.log_level == "debug"
        else "notice,warning,err,crit,alert",
    )
