"""How often somebody may guess a password or PIN on the web. The rule:

* **A browser in which this login was open before** (browsers.py) has five wrong guesses at once and then one
  in five minutes, and nothing that is guessed elsewhere counts against it: its owner comes in whatever
  strangers do, also from behind the same address as they.
* **Any other browser** has the same five for each login from its address. An address that guesses on fills
  this place alone: refused guesses count nowhere, so one stranger never comes near the bounds below.
* **A login from all such places together**: fifty, then fifty an hour. Only guessing from several addresses
  gets that far; the owner then comes in from a browser that was used before, by phone, or a little later.
* **An address for all logins together**: thirty, then six a minute. Right ones in between forgive none of
  them: whoever has one login could guess others for ever.

A PIN that is keyed by phone has its own five (store.queries.check_pin): strangers on the web shut no phone.
So a PIN of six digits takes a guesser about a year for an even chance, from however many addresses.

An address is what the connection has, or what a reverse proxy of ours tells (proxies.py); for IPv6 it is the
network of a subscriber (/64). Without the setting `proxies` all who come through a proxy have one address.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

from crm_lite.store.guesses import Bucket
from crm_lite.store.passwords import few

FROM_ALL_PLACES = (50, 72.0)  # wrong guesses of one login; one more in so many seconds
FROM_ONE_ADDRESS = (30, 10.0)


def own_place(login: str, address: str, browser: str) -> Bucket:
    """Where a guess is made. browser: its mark for this login, "" for one that has none."""
    return few(f"browser:{browser}" if browser else f"login:{place(address)}:{login}")


def buckets(login: str, address: str, browser: str) -> list[Bucket]:
    """All that a wrong guess counts against, the own place first."""
    own = own_place(login, address, browser)
    if browser:
        return [own]
    from_address = Bucket(f"address:{place(address)}", *FROM_ONE_ADDRESS)
    return [own, Bucket(f"login:{login}", *FROM_ALL_PLACES), from_address]


def place(address: str) -> str:
    """The address as it is counted."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:45]
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))
