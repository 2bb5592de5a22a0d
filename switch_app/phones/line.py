"""A line of a phone: an account, at most one call, and what it says and hears.

Every callback of pjsua2 runs inside libHandleEvents and must not raise: an exception there would end
the process. Events are handed to `tell(event, **details)`, which adds the line's name.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from .sound import Sound

DIGIT_MS = 100
DIGIT_GAP_MS = 80
DTMF_METHODS = {"rfc4733": pj.PJSUA_DTMF_METHOD_RFC2833, "info": pj.PJSUA_DTMF_METHOD_SIP_INFO}


class Line:
    """What the commands act on. `now` is a monotonic clock, asked at every step."""

    def __init__(self, name: str, settings: dict[str, Any], microphone: pj.AudioMedia,
                 tell: Callable[..., None], now: Callable[[], float]) -> None:
        self.name = name
        self.sound = Sound(microphone)
        self.server: str = settings["server"]
        self.call: _Call | None = None
        self.finished: list[_Call] = []
        self.answer_after_s: float | None = None
        self.reject_with = 0
        self.ring = True
        self.registered = False  # until the registrar said so; pjsua2's regIsActive is what it has asked for
        self._answer_at: float | None = None
        self._digits: deque[tuple[str, str]] = deque()
        self._next_digit_at = 0.0
        self._parting: dict[str, Any] | None = None
        self._tell, self._now = tell, now
        self.account = _Account(self)
        self.account.create(_account_config(settings))

    def tell(self, event: str, **details: Any) -> None:
        self._tell(event, line=self.name, **details)

    # --- commands -----------------------------------------------------------------------------------
    def register(self, on: bool = True) -> None:
        self.account.setRegistration(on)

    def unregister(self) -> None:
        if self.registered:
            self.register(False)

    def busy(self) -> bool:
        """Whether the switch still believes in a call or a registration of this line."""
        return self.call is not None or self.registered

    def dial(
        self, target: str, number: str = "", name: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Call an extension of the server, or a whole SIP URI. number, name: the caller id to show."""
        self.drop_finished()
        self._tell_parting()
        if self.call is not None:
            raise ValueError("this line has a call already")
        call = _Call(self, self.account)
        param = pj.CallOpParam(True)
        if number or name:
            param.txOption.localUri = _address(number, name, self.server)
        for key, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = key, value
            param.txOption.headers.append(header)
        call.makeCall(target if target.startswith("sip:") else f"sip:{target}@{self.server}", param)
        self.call = call

    def answer(self, code: int = 200) -> None:
        """180, 183 (with audio), 200, or a refusal such as 486 or 603."""
        param = pj.CallOpParam(True)
        param.statusCode = code
        self._the_call().answer(param)

    def hang_up(self, code: int = 0) -> None:
        param = pj.CallOpParam(True)
        param.statusCode = code
        self._the_call().hangup(param)

    def hold(self) -> None:
        self._the_call().setHold(pj.CallOpParam(True))

    def resume(self) -> None:
        param = pj.CallOpParam(True)
        param.opt.flag = pj.PJSUA_CALL_UNHOLD
        self._the_call().reinvite(param)

    def transfer(self, target: str) -> None:
        """Blind transfer by REFER."""
        uri = target if target.startswith("sip:") else f"sip:{target}@{self.server}"
        self._the_call().xfer(uri, pj.CallOpParam(True))

    def press(self, digits: str, method: str = "rfc4733") -> None:
        """Queue digits; they go out one after the other (pjmedia itself takes no more than 32)."""
        self._the_call()
        self._digits.extend((digit, method) for digit in digits)

    # --- each turn of the main loop --------------------------------------------------------------------
    def step(self) -> None:
        """What is due now; drop finished calls in the same turn in which they were disconnected."""
        self.drop_finished()
        now = self._now()
        if path := self.sound.recorded(now):
            self.tell("recorded", path=path)
        if not self.sound.closing:
            self._tell_parting()
        if self.sound.played(now):
            self.tell("played")
        if self._answer_at is not None and now >= self._answer_at:
            self._answer_at = None
            self.answer(200)
        if self._digits and now >= self._next_digit_at and self.call is not None:
            self._send_digit(now)

    def drop_finished(self) -> None:
        """A Call keeps its id; destroyed later it would hang up the next call that got the id."""
        self.finished.clear()

    def _send_digit(self, now: float) -> None:
        digit, method = self._digits.popleft()
        param = pj.CallSendDtmfParam()
        param.digits, param.duration, param.method = digit, DIGIT_MS, DTMF_METHODS[method]
        self._the_call().sendDtmf(param)
        self._next_digit_at = now + (DIGIT_MS + DIGIT_GAP_MS) / 1000
        if not self._digits:
            self.tell("digits_sent")

    def _the_call(self) -> _Call:
        if self.call is None:
            raise ValueError("this line has no call")
        return self.call

    # --- from the callbacks -----------------------------------------------------------------------------
    def incoming(self, call_id: int, message: str) -> None:
        self.drop_finished()
        call = _Call(self, self.account, call_id)
        if self.call is not None or self.reject_with:
            self._refuse(call, self.reject_with or 486)
            return
        self._tell_parting()
        self.call = call
        info = call.getInfo()
        self.tell("incoming", **{"from": info.remoteUri, "to": info.localUri, "message": message[:8000]})
        if self.ring:
            self.answer(180)
        if self.answer_after_s is not None:
            self._answer_at = self._now() + self.answer_after_s

    def hears(self, audio: Any) -> None:
        self.sound.connect(audio, self._now())

    def _refuse(self, call: _Call, code: int) -> None:
        param = pj.CallOpParam(True)
        param.statusCode = code
        call.hangup(param)
        self.finished.append(call)
        self.tell("refused", code=code)

    def disconnected(self, call: _Call, code: int, reason: str) -> None:
        if call is not self.call:
            return
        self.call = None
        self.finished.append(call)
        self._answer_at = None
        self._digits.clear()
        self.sound.disconnect()
        self.sound.stop_recording()
        self._parting = {"at": self._now(), "code": code, "reason": reason}

    def _tell_parting(self) -> None:
        """Only when what was heard is on disk: who waits for the end of the call then reads the file."""
        if self._parting is not None:
            self.tell("disconnected", **self._parting)
            self._parting = None


def _guarded(method: Callable[..., None]) -> Callable[..., None]:
    def guarded(self: Any, param: Any) -> None:
        try:
            method(self, param)
        except Exception:  # noqa: BLE001 - told to the parent
            self.line.tell("error", detail=traceback.format_exc(limit=5))

    return guarded


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line

    @_guarded
    def onIncomingCall(self, param: Any) -> None:
        self.line.incoming(param.callId, param.rdata.wholeMsg)

    @_guarded
    def onRegState(self, param: Any) -> None:
        self.line.registered = param.code // 100 == 2 and bool(self.getInfo().regIsActive)
        if param.code // 100 == 2:
            self.line.tell("registered" if self.line.registered else "unregistered", code=param.code)
        else:
            self.line.tell("register_failed", code=param.code, reason=param.reason)


class _Call(pj.Call):  # type: ignore[misc]
    def __init__(self, line: Line, account: pj.Account, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.line = line

    @_guarded
    def onCallState(self, param: Any) -> None:
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.line.disconnected(self, info.lastStatusCode, info.lastReason)
        elif info.state == pj.PJSIP_INV_STATE_CALLING:
            self.line.tell("calling", to=info.remoteUri, call_id=info.callIdString)
        elif info.state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC:
            self.line.tell("ringing", code=info.lastStatusCode)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.line.tell("confirmed")

    @_guarded
    def onCallMediaState(self, param: Any) -> None:
        info = self.getInfo()  # kept in a name: its media would die with a temporary
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO:
                self._audio(media.status)
                return

    def _audio(self, status: int) -> None:
        if status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD):
            self.line.hears(self.getAudioMedia(-1))
        else:
            self.line.sound.disconnect()
        names = {pj.PJSUA_CALL_MEDIA_ACTIVE: "active", pj.PJSUA_CALL_MEDIA_LOCAL_HOLD: "held",
                 pj.PJSUA_CALL_MEDIA_REMOTE_HOLD: "held_by_peer", pj.PJSUA_CALL_MEDIA_ERROR: "failed"}
        self.line.tell("audio", state=names.get(status, "none"))

    @_guarded
    def onDtmfDigit(self, param: Any) -> None:
        self.line.tell("digit", digit=param.digit)

    @_guarded
    def onCallTransferStatus(self, param: Any) -> None:
        self.line.tell("transfer", code=param.statusCode, final=bool(param.finalNotify))


def _address(number: str, name: str, server: str) -> str:
    shown = name.replace("\\", "\\\\").replace('"', '\\"')
    uri = f"<sip:{number or 'anonymous'}@{server}>"
    return f'"{shown}" {uri}' if name else uri


def _account_config(settings: dict[str, Any]) -> pj.AccountConfig:
    """settings: user, password, server (host:port), name, realm, expires_s."""
    config = pj.AccountConfig()
    server, user = settings["server"], settings["user"]
    config.idUri = _address(user, settings.get("name", ""), server)
    config.regConfig.registrarUri = f"sip:{server}"
    config.regConfig.registerOnAdd = False
    config.regConfig.timeoutSec = int(settings.get("expires_s", 300))
    config.regConfig.retryIntervalSec = int(settings.get("retry_s", 0))
    if settings.get("password"):
        config.sipConfig.authCreds.append(
            pj.AuthCredInfo("digest", settings.get("realm") or "*", user, 0, settings["password"])
        )
    # What NAT needs would only add second REGISTERs and UPDATEs to a phone that sits beside the switch.
    nat = config.natConfig
    nat.contactRewriteUse = nat.viaRewriteUse = nat.sdpNatRewriteUse = nat.sipOutboundUse = 0
    nat.udpKaIntervalSec = 0
    config.mediaConfig.lockCodecEnabled = False
    config.mediaConfig.transportConfig.boundAddress = settings.get("address", "127.0.0.1")
    config.mediaConfig.transportConfig.port = int(settings["rtp_port"])
    return config
