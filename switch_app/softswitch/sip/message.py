"""Small readers and writers around sippy's messages, so that its classes stay in this folder."""

from __future__ import annotations

import re
from typing import Any

from sippy.MsgBody import MsgBody
from sippy.SipAddress import SipAddress
from sippy.SipContact import SipContact
from sippy.SipContentType import SipContentType
from sippy.SipHeader import SipHeader
from sippy.SipURL import SipURL

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, REFER, NOTIFY, REGISTER"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MAX_TEXT = 256
_SDP = "application/sdp"
_SDP_PART = re.compile(r"^(?:content-type|c)\s*:\s*application/sdp\s*(?:;|$)", re.I | re.M)
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;\"]+))", re.I)


def header(name: str, value: str) -> Any:
    """A header of any kind; control characters in the value are left out, so that it stays one line."""
    return SipHeader(name=name, bodys=_CONTROL.sub("", value))


def text_of(message: Any, name: str) -> str | None:
    """A header's value as it stands, None if it is absent."""
    found = message.getHFs(name)
    return _CONTROL.sub("", str(found[0].body)).strip() if found else None


def texts_of(message: Any, name: str) -> list[str]:
    """The values of all headers of this name."""
    return [_CONTROL.sub("", str(each.body)).strip() for each in message.getHFs(name)]


def sdp_of(message: Any) -> str | None:
    """The body if it is SDP, or the SDP among its parts (carriers add ISUP, emergency calls a place)."""
    kind, text = body_of(message)
    if kind == _SDP:
        return text
    if not kind.startswith("multipart/"):
        return None
    boundary = _BOUNDARY.search(str(message.getBody().mtype))
    parts = text.split("--" + (boundary[1] or boundary[2]))[1:-1] if boundary else []
    for part in parts:
        head, _, content = part.partition("\r\n\r\n")
        if _SDP_PART.search(head):
            return content
    return None


def body_of(message: Any) -> tuple[str, str]:
    """(type, text) of the body, ("", "") without one."""
    body = message.getBody()
    if body is None or body.mtype is None:
        return "", ""
    return body.getType().strip(), str(body.content)


def is_understood(message: Any) -> bool:
    """No body, SDP, parts of several kinds, or what need not be understood (RFC 3261, 8.2.3)?"""
    if (text_of(message, "content-encoding") or "identity").lower() != "identity":
        return False
    kind, text = body_of(message)
    optional = "handling=optional" in (text_of(message, "content-disposition") or "").replace(" ", "").lower()
    return not text.strip() or kind == _SDP or kind.startswith("multipart/") or optional


def not_understood(request: Any) -> Any:
    """415 to a request with such a body."""
    answer = request.genResponse(415, "Unsupported Media Type")
    answer.appendHeader(header("accept", _SDP))
    return answer


def make_body(text: str, kind: str = "application/sdp") -> Any:
    content_type = SipContentType(kind)
    content_type.parse()
    return MsgBody(text, content_type)


def contact(user: str, address: tuple[str, int]) -> Any:
    """Our Contact, without the display name that breaks some peers."""
    url = SipURL(username=user or None, host=address[0], port=address[1])
    return SipContact(address=SipAddress(url=url, hadbrace=True))


def display_name(address_header: Any) -> str:
    """The display name, unquoted, without control characters, at most 256 characters."""
    return name_of(address_header.getUri())


def name_of(address: Any) -> str:
    """As display_name, of a SipAddress."""
    name = address.name or ""
    return clean(name.strip('"').replace('\\"', '"').replace("\\\\", "\\"))


def user_of(url: Any) -> str:
    return clean(url.username or "")


def clean(text: str) -> str:
    return _CONTROL.sub("", text)[:_MAX_TEXT]


def quoted(name: str) -> str:
    """A display name fit for a header: quotes, angle brackets and backslashes left out."""
    return re.sub(r"[\"<>\\]", "", clean(name)).strip()


def url_user(number: str) -> str:
    """A number fit for the user part of an address."""
    return re.sub(r"[^0-9A-Za-z+*#._~!'()&=$,-]", "", clean(number))
