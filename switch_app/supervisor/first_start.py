"""What has to be there before the first child starts: folders, secrets, tables, switch configuration."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from .. import secrets_store
from ..core.errors import Refused
from ..flowfiles.numbers import load_numbers
from ..flowfiles.queues import load_queues
from ..secrets_store import Secrets
from ..settings import Settings, SettingsError
from .database_files import require_usable
from .rendering import render, render_freeswitch

SOFTSWITCH_CONFIG = "softswitch.json"
FREESWITCH_NOTE = "freeswitch_conf.txt"
ROOM = 2**20  # bytes: what a first start writes takes half of it
IN_VAR = ("voicemail", "greetings")  # what a backup takes is there from the start


def make_folders(settings: Settings) -> None:
    """VAR and what is in it, closed to others. Raises Refused."""
    try:
        settings.var.mkdir(parents=True, exist_ok=True, mode=0o750)
        settings.archive.mkdir(exist_ok=True, mode=0o700)  # a switch of another user has no business there
        parts = (settings.var / name for name in IN_VAR)
        for folder in (settings.var, settings.run_dir, settings.log_dir, settings.recordings, *parts):
            folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied", str(folder))
    except OSError as error:
        raise Refused(
            "folder_unwritable",
            f"{error.filename} cannot be made or written: {error.strerror}. Remedy: mend its owner or "
            "rights, or set HOTLINE_VAR to another folder",
        ) from error


def prepare(settings: Settings, demo: bool) -> Secrets:
    """Secrets, database and rendered configuration. Raises Refused with the remedy."""
    require_readable(settings)
    require_sound(settings)
    require_room(settings.var)
    require_databases(settings)
    secrets, agents = accounts(settings, demo)
    if settings.switch == "embedded":
        conf_dir = settings.run_dir / "switch"
        try:
            render(settings, secrets, agents, conf_dir)
            write_softswitch_config(settings, secrets, conf_dir)
        except OSError as error:
            raise Refused(
                "folder_unwritable",
                f"{error.filename or settings.run_dir} cannot be written: {error.strerror}. Remedy: mend its "
                "owner or rights, or free the disk",
            ) from error
    return secrets


def accounts(settings: Settings, demo: bool) -> tuple[Secrets, list[str]]:
    """The secrets, and the numbers of the active agents; both made where they are missing. Raises Refused."""
    wanted = secrets_store.SAMPLE_AGENTS + (secrets_store.DEMO_AGENTS if demo else ())
    try:
        secrets = secrets_store.ensure(settings.secrets, wanted)
        agents = seed_database(settings, secrets, demo)
        secrets = secrets_store.ensure(settings.secrets, agents, pins=False)
    except secrets_store.SecretsError as error:
        raise Refused("secrets_unusable", str(error)) from error
    return secrets, agents


def renew_accounts(settings: Settings, agents: Sequence[str]) -> None:
    """After agents came or went: their SIP accounts and the switch's directory (it then needs `reloadxml`).

    FreeSWITCH's is where `hotline freeswitch-config` wrote it last. Raises SecretsError, Refused, OSError.
    """
    secrets = secrets_store.ensure(settings.secrets, agents, pins=False)
    if settings.switch == "embedded":
        render(settings, secrets, agents, settings.run_dir / "switch")
        return
    folder = freeswitch_folder(settings)
    if folder is not None:
        render_freeswitch(settings, secrets, agents, folder)


def freeswitch_folder(settings: Settings) -> Path | None:
    """Where FreeSWITCH's configuration was rendered, if it is (still) on this machine."""
    try:
        folder = Path((settings.run_dir / FREESWITCH_NOTE).read_text(encoding="utf-8").strip())
    except OSError:
        return None
    return folder if folder.is_dir() else None


def note_freeswitch_folder(settings: Settings, folder: Path) -> None:
    (settings.run_dir / FREESWITCH_NOTE).write_text(f"{folder.absolute()}\n", encoding="utf-8")


def require_readable(settings: Settings) -> None:
    """Raise Refused for the first file of conf, flows or prompts that cannot be read."""
    password = settings.freeswitch_password_file if settings.switch == "freeswitch" else None
    if password and not (password.is_file() and os.access(password, os.R_OK)):
        raise Refused(
            "file_unreadable",
            f"{password} is not there or may not be read. Remedy: mend its rights, or set "
            "HOTLINE_FREESWITCH_PASSWORD_FILE to another file",
        )
    needed = (settings.conf / "numbers.yml", settings.conf / "queues.yml", settings.sounds / "prompts.yml")
    found = sorted([*settings.conf.glob("*.yml"), *settings.flows.glob("**/*.yml")])
    for file in dict.fromkeys((*found, *needed)):
        try:
            with open(file, encoding="utf-8") as opened:
                opened.read()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise Refused(
                "file_unreadable",
                f"{file} cannot be read: {reason}. Remedy: mend its rights or "
                f"put the file back (git checkout -- {file.name})",
            ) from error


def require_sound(settings: Settings) -> None:
    """Raise SettingsError with every problem of the small files; flows have ways of their own to be wrong."""
    _, numbers = load_numbers(settings.conf / "numbers.yml")
    _, queues = load_queues(settings.conf / "queues.yml")
    wrong = [str(problem) for problem in (*numbers, *queues) if problem.severity == "error"]
    if wrong:
        raise SettingsError([f"{line}. Remedy: mend that line" for line in wrong])


def require_room(folder: Path) -> None:
    """Raise Refused where the disk has no room for what a start writes; a journal takes more."""
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise Refused(
            "disk_full",
            f"the disk of {folder} is full ({free // 1024} kB are left). Remedy: free at least "
            f"{ROOM // 2**20} MB, or set HOTLINE_VAR to a folder on another disk",
        )


def require_databases(settings: Settings) -> None:
    """Raise Refused for a journal or a CRM that cannot be used."""
    require_usable(settings.journal)
    require_usable(Path(settings.crm_database))


def seed_database(settings: Settings, secrets: Secrets, demo: bool) -> list[str]:
    """Tables up to date and the sample centre in them; returns the numbers of the active agents."""
    from crm_lite.store import database
    from crm_lite.store.queries.agents import roster
    from crm_lite.store.sample import seed

    pins = {number: agent.pin for number, agent in secrets.agents.items()}
    try:
        db = database.open(settings.crm_database)
        try:
            seed(db, pins, secrets.admin_password, secrets.admin_login, demo)
            agents = [row["agent"] for row in roster(db)]
        finally:
            db.close()
    except Exception as error:  # noqa: BLE001 - each engine has its own kinds; all mean: cannot be used
        raise Refused(
            "database_unusable",
            f"{settings.crm_database} cannot be used: {type(error).__name__}: {error}. "
            "Remedy: mend its rights or the setting `database`",
        ) from error
    return agents


def write_softswitch_config(settings: Settings, secrets: Secrets, conf_dir: Path) -> Path:
    """The embedded switch's settings as its JSON file; it holds a password, so its owner's alone."""
    path = settings.run_dir / SOFTSWITCH_CONFIG
    content = {
        "sip_host": settings.sip.host, "sip_port": settings.sip.port, "advertise": settings.advertise,
        "rtp_low": settings.rtp.low, "rtp_high": settings.rtp.high, "domain": settings.domain,
        "esl_host": settings.event_socket.host, "esl_port": settings.event_socket.port,
        "esl_password": secrets.esl_password, "conf_dir": str(conf_dir), "sounds_dir": str(settings.sounds),
        "run_dir": str(settings.run_dir), "log_level": settings.log_level,
    }  # fmt: skip
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    return path
