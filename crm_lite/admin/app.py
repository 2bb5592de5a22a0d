"""The Flask application, put together: a straight recipe."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError, CSRFProtect

from crm_lite.store import database
from switch_app.core.errors import Refused
from switch_app.runtime.control_client import ControlClient

from . import access, proxies, security, speaking, uploads, words
from .agents.views import agents
from .config import Config
from .customers.views import customers
from .desk.views import desk
from .flows.views import flows
from .health.views import health
from .interactions.views import interactions
from .live import Live
from .login.views import login
from .numbers.views import numbers
from .once import Once
from .queues.views import queues
from .users.views import users
from .wallboard.views import wallboard

HERE = Path(__file__).parent
SUBJECTS = (login, wallboard, interactions, customers, agents, queues, numbers, flows, desk, users, health)
LOGGED_IN_FOR = timedelta(hours=12)


def create_app(config: Config | Mapping[str, Any]) -> Flask:
    """The pages of one installation; a mapping has the names of Config. Opens the database."""
    config = config if isinstance(config, Config) else Config(**config)
    app = Flask(
        "hotline",
        static_folder=str(HERE / "common" / "static"),
        template_folder=str(HERE / "common" / "templates"),
    )
    app.config.update(_flask_settings(config), HOTLINE=config)
    app.extensions["crm"] = database.open(config.database, cooperative=config.cooperative)
    app.extensions["live"] = Live(ControlClient(config.control_socket))
    app.extensions["once"] = Once()
    app.extensions["words"] = words.load(HERE)
    proxies.install(app, config.proxies)
    access.guard(app)
    uploads.install(app)
    CSRFProtect(app)
    security.harden(app)
    _name_static_files_by_content(app)
    speaking.install(app, config)
    _answer_errors(app)
    for subject in SUBJECTS:
        app.register_blueprint(subject)
    return app


def _flask_settings(config: Config) -> dict[str, Any]:
    # Cookies know no ports: two copies on one machine need different names.
    copy = sha256(config.secret_key.encode()).hexdigest()[:8]
    return {
        "SECRET_KEY": config.secret_key,
        "SESSION_COOKIE_NAME": f"hotline_{copy}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": LOGGED_IN_FOR,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stand open for hours
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "MAX_FORM_PARTS": 1000,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=30),  # their addresses change with them
    }


def _name_static_files_by_content(app: Flask) -> None:
    """So that after an upgrade no browser goes on with the scripts and styles of before."""
    files = sorted(path for path in (HERE / "common" / "static").iterdir() if path.is_file())
    content = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", content)

    app.url_defaults(add)


def _answer_errors(app: Flask) -> None:
    def page(status: int, key: str) -> tuple[str, int]:
        return render_template("error.html", key=key, status=status), status

    def refused(refusal: Refused) -> tuple[str, int]:
        reason = speaking.t(f"common.refusal.{refusal.id}", refusal.message or refusal.id)
        return render_template("error.html", key="refused", status=409, reason=reason), 409

    app.register_error_handler(CSRFError, lambda _: page(400, "csrf"))
    app.register_error_handler(Refused, refused)
    app.register_error_handler(ConnectionError, lambda _: page(503, "down"))
    for status, key in (
        (400, "bad"),
        (401, "stranger"),
        (403, "forbidden"),
        (404, "missing"),
        (405, "bad"),
        (413, "too_big"),
        (500, "bug"),
    ):
        app.register_error_handler(status, lambda _, status=status, key=key: page(status, key))
