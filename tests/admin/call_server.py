"""A call server's control socket for the pages' tests: the real protocol on a real unix socket."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from pathlib import Path
from typing import Any

WHEN = {"sales": 0.91, "support": 0.667, "billing": None}
TITLES = {
    "sales": {"zh": "销售咨询", "en": "Sales"},
    "support": {"zh": "技术支持", "en": "Technical support"},
    "billing": {"zh": "账单查询", "en": "Billing"},
    "operator": {"zh": "人工服务", "en": "Operator"},
}
AGENTS = (
    ("1001", "陈静 Chen Jing", "talking", "", 184.0, "i-talk"),
    ("1002", "李伟 Li Wei", "ready", "", 65.0, ""),
    ("1003", "王芳 Wang Fang", "talking", "", 42.0, "i-2"),
    ("1004", "Alice Brown", "wrap_up", "", 8.0, "i-1"),
    ("1005", "张敏 Zhang Min", "not_ready", "lunch", 1510.0, ""),
    ("1006", "刘洋 Liu Yang", "offered", "", 4.0, "i-ring"),
    ("1007", "黄丽 Huang Li", "missed", "no_answer", 3.0, ""),
    ("1008", "Tom Harris", "logged_out", "", 9000.0, ""),
    ("1009", "吴刚 Wu Gang", "logged_out", "", 9000.0, ""),
    ("1010", "赵雪 Zhao Xue", "ready_once", "", 12.0, ""),
)


def queue(name: str, waiting: int, longest: float, logged_in: int, ready: int, talking: int, answered: int,
          abandoned: int, level: float | None) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name, "title": TITLES.get(name, {}), "waiting": waiting, "longest_wait_s": longest,
        "logged_in": logged_in, "ready": ready, "talking": talking, "answered_today": answered,
        "abandoned_today": abandoned, "service_level": level, "service_level_s": 20.0, "tiers": [],
    }  # fmt: skip


GOLD = {"tier": "gold", "answered_today": 9, "abandoned_today": 1, "service_level": 0.5, "service_level_s": 10.0}


def floor() -> dict[str, Any]:
    now = time.time()
    return {
        "queues": [
            queue("sales", 0, 0.0, 5, 2, 1, 132, 4, 0.9167) | {"tiers": [GOLD]},
            queue("support", 3, 143.2, 4, 0, 1, 87, 12, 0.664),
            queue("billing", 1, 12.0, 3, 1, 1, 41, 2, 0.781),
            queue("operator", 0, 0.0, 8, 2, 0, 0, 0, None),
        ],
        "agents": [
            {"agent": number, "name": name, "state": state, "reason": reason, "since": now - age, "until": None,
             "contact": "" if state == "logged_out" else number, "interaction": interaction, "after_call": ""}
            for number, name, state, reason, age, interaction in AGENTS
        ],
        "waiting": [
            {"interaction": "i-ring", "queue": "support", "priority": 20, "wait_s": 143.2, "position": 0,
             "agent": "1006", "ani": "12000000003"},
            {"interaction": "i-w2", "queue": "support", "priority": 0, "wait_s": 61.0, "position": 1, "agent": "",
             "ani": "+447700900123"},
            {"interaction": "i-w3", "queue": "support", "priority": 0, "wait_s": 20.0, "position": 2, "agent": "",
             "ani": ""},
        ],
        "calls": [call("i-talk", "1001", now), call("i-ring", "1006", now)],
    }  # fmt: skip


def call(id: str, agent: str, now: float) -> dict[str, Any]:
    return {
        "interaction": id, "phase": "talking", "direction": "inbound", "ani": "12000000003", "name": "Zhou",
        "dnis": "4000", "flow": "main", "queue": "support", "language": "zh",
        "customer": {"id": 3, "number": "C10003", "name": "周建国", "tier": "silver"},
        "collected": {"account": "88010003", "menu_key": "2", "_tries": 1}, "agent": agent, "since_s": 4.0,
        "age_s": 160.0,
    }  # fmt: skip


STATUS = {
    "up_s": 8123.4, "switch": "embedded", "line_up": True, "calls": 7, "in_socket": 4, "timers": 9,
    "projected": 120, "journal_lost": 0, "alarms": {},
}  # fmt: skip
PROBLEM = {
    "rule": "no-input", "message": "menu main_menu has no branch for no input", "file": "main.yml", "line": 12,
    "column": 5, "hint": "add no_input", "severity": "warning",
}  # fmt: skip
FLOWS = {
    "flows": [
        {"name": "main", "version": "3f9ac0174bd2", "file": "/srv/hotline/ivr_flows/main.yml",
         "title": {"zh": "客户服务总机", "en": "Service centre"}},
        {"name": "unknown_number", "version": "77aa01c2de10", "file": "/srv/hotline/ivr_flows/unknown_number.yml",
         "title": {}},
    ],
    "problems": [PROBLEM],
}  # fmt: skip


class CallServer:
    """Answers what a page asks and keeps what it was told. `answers`: command -> data, or (id, message)."""

    def __init__(self, path: Path) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.floors = 0  # how often somebody asked for the floor
        self.greetings: dict[str, Any] = {}
        self.answers: dict[str, Any] = {"status": STATUS, "flows": FLOWS, "reload": FLOWS}
        ours = self

        class Line(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    request = json.loads(line)
                    self.wfile.write(json.dumps(ours.answer(request)).encode() + b"\n")

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(str(path), Line)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        command, args = request["command"], request["args"]
        if command not in ("floor", "status", "flows"):
            self.told.append((command, args))
        self.floors += command == "floor"
        data = self.answers.get(command)
        if data is None and command == "floor":
            data = floor()
        if data is None and command == "greeting":
            data = self._greeting(**args)
        if data is None and command in ("presence", "disposition"):
            data = {"facts": []}
        if data is None or isinstance(data, tuple):
            id, message = data or ("unknown_command", f"there is no command {command!r}")
            return {"id": request["id"], "ok": False, "error": {"id": id, "message": message}}
        return {"id": request["id"], "ok": True, "data": data}

    def _greeting(self, action: str, slot: str = "", by: str = "", **values: Any) -> dict[str, Any]:
        if action == "set":
            self.greetings[slot] = values
        elif action == "clear":
            self.greetings.pop(slot, None)
        return {"greetings": self.greetings}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
