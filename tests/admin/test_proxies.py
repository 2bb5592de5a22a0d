"""Who asks, when a reverse proxy stands between."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from furnished import settings
from visiting import PEOPLE, Browser, Centre

from crm_lite.admin import create_app
from crm_lite.admin.proxies import BehindProxies
from crm_lite.store.tables import Guess

ROOT = Path(__file__).resolve().parents[2]
PROXIES = (ip_network("127.0.0.1"), ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


def seen(peer: str, **headers: str) -> tuple[str, str]:
    """(who asks, scheme) as the application sees it."""
    told = {}

    def app(environ, start):
        told.update(environ)
        return []

    BehindProxies(app, PROXIES)({"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **headers}, None)
    return told["REMOTE_ADDR"], told["wsgi.url_scheme"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the first one was written by the client
        ("127.0.0.1", "1.2.3.4, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "10.1.9.9, 10.1.2.3", "10.1.9.9"),  # somebody on a proxy's own machine
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4, nonsense, 10.1.2.3", "10.1.2.3"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # no proxy of ours
        ("", "1.2.3.4", ""),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy_of_ours(peer: str, forwarded: str, client: str) -> None:
    assert seen(peer, HTTP_X_FORWARDED_FOR=forwarded)[0] == client


def test_https_is_what_a_proxy_of_ours_says() -> None:
    assert seen("127.0.0.1", HTTP_X_FORWARDED_PROTO="https") == ("127.0.0.1", "https")
    assert seen("127.0.0.1", HTTP_X_FORWARDED_PROTO="ftp") == ("127.0.0.1", "http")
    assert seen("203.0.113.9", HTTP_X_FORWARDED_PROTO="https") == ("203.0.113.9", "http")


def test_behind_a_proxy_guesses_count_for_who_guesses_and_cookies_keep_to_https(centre: Centre) -> None:
    app = create_app({**settings(centre.folder, ROOT), "proxies": PROXIES})
    app.testing = True
    browser = Browser(app.test_client())
    base = browser.client.environ_base
    base |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    for _ in range(6):
        browser.enter("admin", "wrong")
    assert centre.db.read(lambda: "address:203.0.113.9" in {row.subject for row in Guess.select()})
    base |= {"HTTP_X_FORWARDED_FOR": "203.0.113.10", "HTTP_X_FORWARDED_PROTO": "https"}
    base |= {"HTTP_REFERER": "https://localhost/login"}
    answer = browser.enter(*PEOPLE["admin"])
    assert answer.status_code == 303
    assert [("Secure" in cookie) for cookie in answer.headers.getlist("Set-Cookie")] == [True, True]
    app.extensions["crm"].close()
    plain = centre.browser().enter(*PEOPLE["admin"]).headers.getlist("Set-Cookie")
    assert [("Secure" in cookie) for cookie in plain] == [False, False]
