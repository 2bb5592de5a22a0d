"""The variables that FreeSWITCH sets by itself, as far as dialplans, applications and reports read them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..sip.causes import NUMBER
from ..sip.message import clean, display_name, text_of, user_of

if TYPE_CHECKING:
    from .channel import Channel


def of_invite(request: Any) -> dict[str, str]:
    """Who calls whom by the INVITE's own words (mod_sofia); its X- headers become sip_h_X-..."""
    caller, called = request.getHFBody("from"), request.getHFBody("to")
    host, port = request.getSource()
    via = request.getHFBody("via")
    found = {
        "sip_from_display": display_name(caller),
        "sip_full_from": clean(str(caller)),
        "sip_from_tag": clean(str(caller.getTag() or "")),
        "sip_full_to": clean(str(called)),
        "sip_call_id": clean(str(request.getHFBody("call-id"))),
        "sip_via_host": clean(str(via.hostname)),
        "sip_via_port": str(via.port or ""),
        "sip_via_protocol": "udp",
        "sip_network_ip": str(host),
        "sip_network_port": str(port),
        "sip_received_ip": str(host),
        "sip_received_port": str(port),
        "sip_user_agent": clean(text_of(request, "user-agent") or ""),
        "max_forwards": text_of(request, "max-forwards") or "",
    }
    for name, url in (("from", caller.getUrl()), ("to", called.getUrl()), ("req", request.getRURI())):
        found |= _address(name, url)
    if request.getHFs("contact"):
        found |= _address("contact", request.getHFBody("contact").getUrl())
    for each in request.headers:
        if each.name.startswith("x-"):
            found[f"sip_h_{each.name.title()}"] = clean(str(each.body))
    return found


def _address(name: str, url: Any) -> dict[str, str]:
    user, host = user_of(url), clean(str(url.host))
    port = f":{url.port}" if url.port else ""
    return {
        f"sip_{name}_user": user,
        f"sip_{name}_host": host,
        f"sip_{name}_port": str(url.port or ""),
        f"sip_{name}_uri": f"{user}@{host}{port}" if user else f"{host}{port}",
    }


def set_media(channel: Channel) -> None:
    """What was agreed on, once there is audio."""
    rtp = channel.stream.rtp
    host, port = rtp.remote or ("", "")
    found = {
        "read_codec": rtp.law,
        "read_rate": "8000",
        "write_codec": rtp.law,
        "write_rate": "8000",
        "rtp_use_codec_name": rtp.law,
        "rtp_use_codec_rate": "8000",
        "rtp_use_codec_ptime": "20",
        "local_media_ip": channel.switch.config.address,
        "local_media_port": str(rtp.port),
        "remote_media_ip": str(host),
        "remote_media_port": str(port),
        "dtmf_type": "rfc2833" if rtp.event_type else "info",
    }
    for name, value in found.items():
        channel.set(name, value)


def set_end(channel: Channel) -> None:
    """Cause, moments and lengths of a call that is over (switch_channel_set_timestamps)."""
    times = channel.profile.times
    channel.set("hangup_cause_q850", str(NUMBER.get(channel.cause, 16)))
    if channel.sip_code:
        channel.set("proto_specific_hangup_cause", f"sip:{channel.sip_code}")
    moments = {
        "start": times.created,
        "profile_start": times.profile_created,
        "answer": times.answered,
        "progress": times.progress,
        "progress_media": times.progress_media,
        "bridge": times.bridged,
        "end": times.hungup,
    }
    for name, micros in moments.items():
        channel.set(f"{name}_epoch", str(micros // 1_000_000))
        channel.set(f"{name}_uepoch", str(micros))
        if micros:
            stamp = datetime.fromtimestamp(micros / 1e6)  # noqa: DTZ006 (local time, as FreeSWITCH)
            channel.set(f"{name}_stamp", f"{stamp:%Y-%m-%d %H:%M:%S}")
    total = max(0, times.hungup - times.created)
    talked = max(0, times.hungup - times.answered) if times.answered else 0
    waited = max(0, (times.answered or times.hungup) - times.created)
    for name, micros in (("dur", total), ("bill", talked), ("wait", waited)):
        seconds, prefix = ("duration", "") if name == "dur" else (f"{name}sec", name)
        channel.set(seconds, str(micros // 1_000_000))
        channel.set("mduration" if name == "dur" else f"{prefix}msec", str(micros // 1000))
        channel.set("uduration" if name == "dur" else f"{prefix}usec", str(micros))
    channel.set("last_app", channel.application[0])
    channel.set("last_arg", channel.application[1])
