"""Who calls, by the INVITE's own words, as FreeSWITCH reads them (sofia.c, sofia_handle_sip_i_invite)."""

from __future__ import annotations

from typing import Any

from sippy.SipAddress import SipAddress

from .message import clean, display_name, name_of, texts_of, user_of

_BEFORE_FROM = ("remote-party-id", "p-asserted-identity", "p-preferred-identity")
"""What carriers say beside From, which may be anonymous or their own (RFC 3325); a later one goes before."""


def caller_of(request: Any) -> tuple[str, str]:
    """(number, name). The name is From's user, or "unknown", where no display name is given."""
    caller = request.getHFBody("from")
    number = user_of(caller.getUrl())
    name = display_name(caller) or number or "unknown"
    for header in _BEFORE_FROM:
        for text in texts_of(request, header)[:1]:
            try:
                address = SipAddress(text)
            except (ValueError, IndexError, NameError):  # the last at a quote without its end
                continue
            number = user_of(address.url) or number
            name = name_of(address) or name
    return clean(number), name
