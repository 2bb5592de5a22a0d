"""The language of an answer, and what every template can say."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app, g, session

from . import show
from .config import Config
from .navigation import subjects
from .number_titles import number_title
from .place import came_from, here
from .queue_titles import queue_names, queue_title
from .tongue import language


def t(key: str, default: str | None = None, /, **values: Any) -> str:
    """The words of a key in the asking person's language."""
    said: str = current_app.extensions["words"].say(key, language(), default, **values)
    return said


def install(app: Flask, config: Config) -> None:
    """Give templates their words and the forms of values."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        t=t,
        names=_names,
        here=here,
        came_from=came_from,
        queue_title=queue_title,
        queue_names=queue_names,
        number_title=number_title,
        navigation=lambda: subjects(g.get("person")),
    )
    env.filters.update(
        when=lambda moment, form="%Y-%m-%d %H:%M:%S": show.when(moment, config.timezone, form),
        offset=lambda moment: show.offset(moment, config.timezone),
        duration=show.duration,
        percent=show.percent,
        money=show.money,
    )
    app.context_processor(lambda: _known(config))


def _names(keys: Iterable[str], prefix: str) -> list[tuple[str, str]]:
    """Options of a choice: (value, words)."""
    return [(key, t(prefix + key, key)) for key in keys]


def _known(config: Config) -> dict[str, Any]:
    return {
        "person": g.get("person"),
        "language": language(),
        "theme": session.get("theme", ""),
        "now": time.time(),
        "timezone": config.timezone,
    }
