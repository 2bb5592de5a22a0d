"""Wrong passwords: guessing is slow, and no stranger locks anybody else out."""

from __future__ import annotations

import time

import pytest
from furnished import PINS
from visiting import PEOPLE, Browser, Centre

from crm_lite.admin import guessing, people
from crm_lite.store.guesses import Bucket, weigh
from crm_lite.store.passwords import ALLOWED, PAUSE_S
from crm_lite.store.queries import check_pin
from crm_lite.store.tables import Guess

ADMIN, LENA = PEOPLE["admin"], PEOPLE["supervisor"]


def at(centre: Centre, address: str, known: Browser | None = None) -> Browser:
    """A browser at an address; with the cookies of another one, if any."""
    browser = centre.browser()
    browser.client.environ_base["REMOTE_ADDR"] = address
    if known:
        browser.client._cookies = known.client._cookies
    return browser


def guess(browser: Browser, login: str, times: int = ALLOWED) -> None:
    for _ in range(times):
        assert browser.enter(login, "wrong").status_code == 401


def later(centre: Centre, seconds: float) -> None:
    centre.db.write(lambda: Guess.update(empty_at=Guess.empty_at - seconds).execute())


def test_after_wrong_tries_the_right_password_waits_too(centre: Centre) -> None:
    browser = centre.browser()
    guess(browser, "admin")
    assert browser.enter(*ADMIN).status_code == 401
    assert browser.enter(*LENA).status_code == 303
    later(centre, PAUSE_S)
    assert browser.enter(*ADMIN).status_code == 303
    guess(browser, "admin", ALLOWED - 1)  # a right one has emptied the count
    assert browser.enter(*ADMIN).status_code == 303


def test_a_stranger_does_not_lock_out_the_owner_who_comes_from_elsewhere(centre: Centre) -> None:
    guess(at(centre, "203.0.113.9"), "admin", 20)
    assert at(centre, "198.51.100.1").enter(*ADMIN).status_code == 303


def test_nor_the_owner_behind_the_same_address_whose_browser_is_known(centre: Centre) -> None:
    office = "198.51.100.1"
    own = at(centre, office)
    own.enter(*ADMIN)
    own.post("/logout")
    guess(at(centre, office), "admin", 8)
    guess(at(centre, office), "lena", 8)
    assert at(centre, office).enter(*ADMIN).status_code == 401
    assert at(centre, office, own).enter(*ADMIN).status_code == 303


def test_a_known_browser_is_slow_too_and_for_its_login_alone(centre: Centre) -> None:
    own = at(centre, "198.51.100.1")
    own.enter(*ADMIN)
    guess(own, "admin")
    assert own.enter(*ADMIN).status_code == 401
    assert at(centre, "198.51.100.1").enter(*ADMIN).status_code == 303  # what is guessed there counts there
    guess(at(centre, "203.0.113.9", own), "lena")
    assert at(centre, "203.0.113.9", own).enter(*LENA).status_code == 401


def test_a_mark_that_somebody_made_up_is_none(centre: Centre) -> None:
    name = centre.app.config["SESSION_COOKIE_NAME"] + "_known"
    browser = at(centre, "203.0.113.9")
    guess(browser, "admin")
    for value in ("eyJhIjoiYiJ9.AAAA", "x", "", "W10.x"):
        browser.client.set_cookie(name, value)
        assert browser.enter(*ADMIN).status_code == 401
    known = at(centre, "198.51.100.1")
    known.enter(*ADMIN)
    cookie = known.client.get_cookie(name)
    assert cookie and cookie.http_only and cookie.same_site == "Lax"
    assert "admin" not in cookie.value


def test_from_many_addresses_a_login_is_guessed_fifty_times_an_hour_at_most(centre: Centre) -> None:
    """Counted with virtual time: 100 addresses that guess for ten hours."""
    told, begun = [], time.time()
    for second in range(0, 36_000, 30):
        buckets = guessing.buckets("admin", f"203.0.113.{second // 30 % 100}", "")[:2]
        told += [buckets] * (not centre.db.read(full, buckets, begun + second))
        centre.db.write(weigh, False, buckets, (), begun + second)
    assert 50 + 10 * 49 <= len(told) <= 50 + 10 * 50


def full(buckets: list[Bucket], now: float) -> bool:
    rows = {row.subject: row.empty_at for row in Guess.select()}
    return any(max(rows.get(each.subject, 0.0), now) - now > (each.burst - 1) * each.every_s for each in buckets)


def test_one_address_comes_nowhere_near_the_bound_of_a_login(centre: Centre) -> None:
    begun, every = time.time(), 5.0
    for step in range(int(3600 / every)):
        centre.db.write(weigh, False, guessing.buckets("admin", "203.0.113.9", ""), (), begun + step * every)
    login = centre.db.read(lambda: Guess.get_or_none(Guess.subject == "login:admin"))
    held = max(login.empty_at - begun - 3600, 0.0) / guessing.FROM_ALL_PLACES[1] if login else 0.0
    assert held < guessing.FROM_ALL_PLACES[0] / 10


def test_many_logins_guessed_from_one_address_are_stopped_whoever_gets_in_meanwhile(centre: Centre) -> None:
    address, now = "203.0.113.9", time.time()
    for number in range(guessing.FROM_ONE_ADDRESS[0]):
        assert people.prove(centre.db, f"user{number}", "wrong", address, now) is None
        if number % 10 == 5:  # an insider with a login of the own
            assert people.prove(centre.db, "1001", PINS["1001"], address, now)
    assert people.prove(centre.db, *LENA, address, now) is None
    assert people.prove(centre.db, *LENA, "203.0.113.10", now)
    assert people.prove(centre.db, *LENA, address, now + guessing.FROM_ONE_ADDRESS[1])


def test_pins_guessed_on_the_web_shut_no_phone_and_the_other_way_round(centre: Centre) -> None:
    guess(centre.browser(), "1004", 8)
    assert check_pin(centre.db, "1004", PINS["1004"])
    for _ in range(ALLOWED):
        assert not check_pin(centre.db, "1005", "000000")
    assert not check_pin(centre.db, "1005", PINS["1005"])
    assert centre.browser().enter("1005", PINS["1005"]).status_code == 303


def test_guesses_sent_at_once_are_counted_one_by_one(centre: Centre) -> None:
    """What is checked while another guess is being checked is refused when it comes to count."""
    now, buckets = time.time(), guessing.buckets("admin", "203.0.113.9", "")
    for _ in range(ALLOWED):
        assert not centre.db.write(weigh, False, buckets, buckets, now)
    assert not centre.db.write(weigh, True, buckets, buckets, now)


def test_counts_that_say_nothing_any_more_go(centre: Centre) -> None:
    guess(at(centre, "203.0.113.9"), "nobody", 3)
    assert centre.db.read(lambda: Guess.select().count()) == 3
    later(centre, 10 * PAUSE_S)
    guess(at(centre, "203.0.113.10"), "somebody", 1)
    assert centre.db.read(lambda: sorted(row.subject for row in Guess.select())) == [
        "address:203.0.113.10", "login:203.0.113.10:somebody", "login:somebody"
    ]  # fmt: skip


def test_the_own_password_is_guessed_slowly_from_within_too(centre: Centre) -> None:
    browser = centre.of("supervisor")
    new = {"new": "a wholly new one", "again": "a wholly new one"}
    for _ in range(ALLOWED):
        assert browser.post("/account", old="wrong", **new).status_code == 422
    assert browser.post("/account", old=LENA[1], **new).status_code == 422
    assert centre.browser().enter(*LENA).status_code == 303


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::7", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_counts_as_one_address(address: str, place: str) -> None:
    assert guessing.place(address) == place


def test_proving_costs_one_hash_whoever_it_is(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_lite.store import passwords

    checked: list[str] = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda pw_hash, secret: checked.append(pw_hash) or verify(pw_hash, secret))
    for login in ("admin", "nobody", "1001"):
        people.prove(centre.db, login, "wrong", "203.0.113.9", time.time())
    assert len(checked) == 3 and all(each.startswith("$argon2id$") for each in checked)
    checked.clear()
    for login in ("lena", "nobody at all"):
        for _ in range(3 * ALLOWED):
            assert not people.prove(centre.db, login, "wrong", "203.0.113.10", time.time())
        assert len(checked) == ALLOWED, login  # what is refused anyway holds nobody else up
        checked.clear()
    assert not people.prove(centre.db, *LENA, "203.0.113.10", time.time())
    assert checked == []
