"""Digest authentication (RFC 2617, MD5, with and without qop) with nonces that cannot be replayed."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from enum import Enum
from time import monotonic

_LIFE_S = 300.0
_KNOWN_NONCES = 20_000
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Verdict(Enum):
    """Stale: right credentials, old nonce: the phone may try again with a new one without asking its user."""

    ACCEPTED = "accepted"
    STALE = "stale"
    REFUSED = "refused"


def fields_of(value: str) -> dict[str, str]:
    """The fields of an Authorization header, names in lower case; {} if it is no Digest."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest" or len(rest) > 2048:
        return {}
    return {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(rest)}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def a1_hash(user: str, realm: str, password: str) -> str:
    return _md5(f"{user}:{realm}:{password}")


def response_of(a1: str, method: str, fields: dict[str, str]) -> str:
    """What the phone must have answered."""
    a2 = _md5(f"{method}:{fields.get('uri', '')}")
    nonce = fields.get("nonce", "")
    if fields.get("qop"):
        middle = f"{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}:{fields['qop']}"
    else:
        middle = nonce
    return _md5(f"{a1}:{middle}:{a2}")


class Digest:
    """Challenges and their check. With qop a nonce lives five minutes and its count must grow; without,
    it is good for one request."""

    def __init__(self, realm: str) -> None:
        self.realm = realm
        self._key = secrets.token_bytes(32)
        self._counts: OrderedDict[str, int] = OrderedDict()

    def challenge(self, stale: bool = False) -> str:
        """The value of WWW-Authenticate or Proxy-Authenticate."""
        stamp = f"{int(monotonic() * 1000):x}.{secrets.token_hex(6)}"
        nonce = f"{stamp}.{self._seal(stamp)}"
        ending = ", stale=true" if stale else ""
        return f'Digest realm="{self.realm}", nonce="{nonce}", algorithm=MD5, qop="auth"{ending}'

    def check(self, fields: dict[str, str], method: str, a1: str | None) -> Verdict:
        """a1: the user's hash, None for a user we don't know (the work done is the same)."""
        expected = response_of(a1 or "0" * 32, method, fields)
        right = hmac.compare_digest(expected.encode(), fields.get("response", "").lower().encode())
        if not right or a1 is None or fields.get("realm") != self.realm:
            return Verdict.REFUSED
        if fields.get("qop", "auth") != "auth" or fields.get("algorithm", "MD5").upper() != "MD5":
            return Verdict.REFUSED
        return Verdict.ACCEPTED if self._fresh(fields) else Verdict.STALE

    def _seal(self, stamp: str) -> str:
        return hmac.new(self._key, stamp.encode(), "sha256").hexdigest()[:32]

    def _fresh(self, fields: dict[str, str]) -> bool:
        nonce = fields.get("nonce", "")
        stamp, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(self._seal(stamp).encode(), seal.encode()):
            return False
        if monotonic() - int(stamp.partition(".")[0], 16) / 1000 > _LIFE_S:
            return False
        try:
            count = int(fields["nc"], 16) if fields.get("qop") else 1
        except (KeyError, ValueError):
            return False
        if count <= self._counts.get(nonce, 0):
            return False
        self._counts[nonce] = count
        self._counts.move_to_end(nonce)
        while len(self._counts) > _KNOWN_NONCES:
            self._counts.popitem(last=False)
        return True


def credentials(challenges: list[str], user: str, password: str, method: str, uri: str) -> str:
    """The answer to a challenge, for our own registrations and calls at a trunk: to the first of several that
    we can answer (RFC 8760: SHA-256 may stand before MD5). "" if we cannot."""
    known = [each for each in map(fields_of, challenges) if each.get("algorithm", "MD5").upper() == "MD5"]
    asked = next((each for each in known if "nonce" in each), None)
    if asked is None:
        return ""
    given = {"nonce": asked["nonce"], "uri": uri}
    if "auth" in re.split(r"[,\s]+", asked.get("qop", "")):
        given |= {"qop": "auth", "nc": "00000001", "cnonce": secrets.token_hex(8)}
    given["response"] = response_of(a1_hash(user, asked.get("realm", ""), password), method, given)
    parts = [f'username="{user}"', f'realm="{asked.get("realm", "")}"']
    parts += [f"{k}={v}" if k in ("qop", "nc") else f'{k}="{v}"' for k, v in given.items()]
    if asked.get("opaque"):
        parts.append(f'opaque="{asked["opaque"]}"')
    return "Digest " + ", ".join([*parts, "algorithm=MD5"])
