"""The SIP user agent of one phone process: pjsua2 set up once, polled by the main loop.

Traps (each seen with the wheel 2.15.1): no thread but the main one may call back into Python, so
threadCnt=0, mainThreadOnly and libHandleEvents in the loop; the null audio device drives the media
clock; the log goes through a LogWriter (queued for the main thread), because pjsua's own log file is
never flushed and would end in the middle when the process is killed.
"""

from __future__ import annotations

import json
import os

import pjsua2 as pj

CODECS = ("PCMU/8000/1", "PCMA/8000/1")
CLOCK_RATE_HZ = 8000
MAX_CALLS = 4  # compiled into the wheel


def start(address: str, codecs: tuple[str, ...], log_path: str = "", log_level: int = 4) -> pj.Endpoint:
    """A started endpoint with one UDP transport on a free port of `address`."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = _config(log_level if log_path else 0)
    if log_path:
        endpoint.log = _LogFile(log_path)  # the configuration holds no reference of its own
        config.logConfig.writer = endpoint.log
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.port = 0
    transport.boundAddress = address
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.audDevManager().setNullDev()
    _offer_only(endpoint, codecs)
    endpoint.libStart()
    return endpoint


def local_address(endpoint: pj.Endpoint) -> str:
    """host:port on which the phone listens."""
    return str(endpoint.transportGetInfo(endpoint.transportEnum()[0]).localName)


class _LogFile(pj.LogWriter):  # type: ignore[misc]
    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, entry: pj.LogEntry) -> None:
        os.write(self._file, entry.msg.encode(errors="replace"))


def _config(log_level: int) -> pj.EpConfig:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = MAX_CALLS
    config.uaConfig.userAgent = "Hotline test phone"
    config.medConfig.threadCnt = 1
    config.medConfig.clockRate = CLOCK_RATE_HZ
    config.medConfig.sndClockRate = CLOCK_RATE_HZ
    config.medConfig.channelCount = 1
    config.medConfig.noVad = True
    # Else the media clock, and digits with it, stops after a second in which nothing is linked.
    config.medConfig.sndAutoCloseTime = -1
    config.medConfig.ecTailLen = 0
    _keep_every_frame(config.medConfig)
    config.logConfig.level = config.logConfig.consoleLevel = log_level  # "console" is the writer
    return config


def _keep_every_frame(media: pj.MediaConfig) -> None:
    """After a burst the jitter buffer drops a frame each 200 ms, which looks like a fault of the switch.

    PJMEDIA_JB_DISCARD_NONE is 0; the wrapper has no name for it and takes it by JSON only.
    """
    written, read = pj.JsonDocument(), pj.JsonDocument()
    written.writeObject(media)
    tree = json.loads(written.saveString())
    tree["MediaConfig"]["jbDiscardAlgo"] = 0
    read.loadString(json.dumps(tree))
    read.readObject(media)


def microphone(endpoint: pj.Endpoint) -> pj.AudioMedia:
    """The null device: silence as packets, which a desk phone sends and pjsua2 without a source does not."""
    return endpoint.audDevManager().getCaptureDevMedia()


def _offer_only(endpoint: pj.Endpoint, codecs: tuple[str, ...]) -> None:
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 0)
    for rank, name in enumerate(codecs):
        endpoint.codecSetPriority(name, 255 - rank)
