"""The served centre, and people who go to its pages with a browser of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from call_server import FLOWS, STATUS, CallServer
from serving import Served
from visiting import PEOPLE

from crm_lite.store import database
from crm_lite.store.database import Database
from crm_lite.store.logins import end_logins


class Surfed:
    """The served centre. `calls` may be closed: the next test has a new one."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "control.sock"
        self.calls = CallServer(self.socket)
        self.pages = Served(folder)
        self.db: Database = database.open(str(folder / "crm.db"))
        self.cookies: dict[str, Any] = {}  # of somebody who has signed in, by role

    def fresh(self) -> None:
        """As it was before a test."""
        if not self.socket.exists():
            self.back()
        self.calls.told.clear()
        self.calls.answers = {"status": STATUS, "flows": FLOWS, "reload": FLOWS}
        self.calls.greetings.clear()
        if self.pages.process.poll() is not None:
            self.pages.start()

    def gone(self) -> None:
        """The call server ends."""
        self.calls.close()
        self.socket.unlink()

    def back(self) -> None:
        answers = self.calls.answers
        self.calls = CallServer(self.socket)
        self.calls.answers = answers

    def end_logins(self, role: str) -> None:
        """In all browsers."""
        self.db.write(end_logins, PEOPLE[role][0])
        self.cookies.pop(role, None)

    def close(self) -> None:
        self.pages.kill()
        self.calls.close()
        self.db.close()


class Visitor:
    """Somebody at a browser of their own. What the browser complains of, and what is not ours, is kept."""

    def __init__(self, chromium: Any, surfed: Surfed, role: str = "", language: str = "en", **look: Any) -> None:
        self.surfed, self.role, self.complaints, self._shown = surfed, role, list[str](), False
        tongue = {"en": "en-GB", "zh": "zh-CN"}[language]
        self.context = chromium.new_context(
            base_url=surfed.pages.address, locale=tongue, storage_state=surfed.cookies.get(role), **look
        )
        self.context.set_default_timeout(10_000)
        self.context.on("request", self._ours)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda told: self.complaints.append(str(told.error)))
        self.context.on("response", self._answered)
        self.page = self.context.new_page()
        if role and role not in surfed.cookies:
            self.page.goto("/login")
            self.enter(role)
            surfed.cookies[role] = self.context.storage_state()

    def enter(self, role: str) -> None:
        login, secret = PEOPLE[role]
        self.page.fill("#f-login", login)
        self.page.fill("#f-secret", secret)
        with self.page.expect_navigation(url=lambda url: "/login" not in url):
            self.page.press("#f-secret", "Enter")

    def go(self, path: str) -> Any:
        self.page.goto(path)
        return self.page

    def another(self, path: str) -> Any:
        """A tab whose live part shows what is now, but hears nothing more: no button goes before it is clicked."""
        page = self.context.new_page()
        page.route("**/events*", lambda route: route.abort())
        told = self.surfed.calls.floors
        while not self._shown and self.surfed.calls.floors == told:  # what was told before the test is kept a while
            self.context.request.get("/agents" if self.role != "agent" else "/desk")
        self._shown = True
        page.goto(path)
        return page

    def _ours(self, request: Any) -> None:
        if not request.url.startswith((self.surfed.pages.address + "/", "blob:", "data:")):
            self.complaints.append(f"asked {request.url}")

    def _heard(self, told: Any) -> None:
        # A page that is an answer of 4xx or 5xx is told too; of parts that fail, _answered tells.
        if told.type in ("error", "warning") and not told.text.startswith("Failed to load resource"):
            self.complaints.append(told.text)

    def _answered(self, answer: Any) -> None:
        if answer.status >= 400 and answer.request.resource_type not in ("document", "eventsource"):
            self.complaints.append(f"{answer.status} {answer.url}")
