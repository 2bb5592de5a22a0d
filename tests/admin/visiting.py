"""Going to the pages as somebody does: with cookies, forms and their tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import furnished
from call_server import CallServer
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_lite.store.database import Database

PEOPLE = {
    "admin": ("admin", furnished.PASSWORDS["admin"]),
    "supervisor": ("lena", furnished.PASSWORDS["lena"]),
    "agent": ("otto", furnished.PASSWORDS["otto"]),
}


class Browser:
    """A client that keeps its cookies and fills the hidden token into its forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        return answer.text

    def post(self, path: str, **form: Any) -> TestResponse:
        """Send a form with the token of the page that the person has open."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/login").text)
        assert token
        return self.client.post(path, data={"csrf_token": token[1], **form})

    def enter(self, login: str, secret: str, **more: str) -> TestResponse:
        return self.post("/login", login=login, secret=secret, **more)

    def speak(self, language: str) -> Browser:
        self.post("/preferences", language=language)
        return self


@dataclass
class Centre:
    app: Flask
    db: Database
    folder: Path
    calls: CallServer

    def browser(self) -> Browser:
        return Browser(self.app.test_client())

    def of(self, role: str) -> Browser:
        """A browser in which somebody of this role has signed in."""
        browser = self.browser()
        assert browser.enter(*PEOPLE[role]).status_code == 303
        return browser
