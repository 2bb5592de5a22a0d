"""The language of an answer."""

from __future__ import annotations

from flask import current_app, g, request, session

from .words import LANGUAGES


def language() -> str:
    """The asking person's language: chosen, else the user's, else the browser's, else the centre's."""
    if "language" not in g:
        person = g.get("person")
        chosen = session.get("language") or (person.language if person else "")
        fallback = current_app.config["HOTLINE"].language
        offered = request.accept_languages.best_match(LANGUAGES, fallback)
        g.language = chosen if chosen in LANGUAGES else offered
    return str(g.language)
