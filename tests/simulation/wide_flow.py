"""A flow with the steps that the sample flows leave out: transfers, http, a second queue, work after the hang-up."""

from __future__ import annotations

from switch_app.core.flow.model import Flow, build

WRITTEN = {
    "flow": "wide",
    "languages": ["zh", "en"],
    "start": "menu",
    "on_error": "operator",
    "on_hangup": "report",
    "steps": {
        "menu": {
            "type": "menu", "say": "main_menu",
            "choices": {"1": "branch_office", "2": "ask_shop", "3": "first_queue", "4": "message", "0": "operator"},
            "no_input": "branch_office", "invalid": "ask_shop",
        },
        "branch_office": {
            "type": "transfer", "say": "transferring", "to": "2001", "ring_s": 15,
            "busy": "second_office", "no_answer": "message", "failed": "first_queue", "done": "after_transfer",
        },
        "second_office": {"type": "transfer", "to": "2002", "failed": "message", "done": "end"},
        "after_transfer": {"type": "play", "say": "goodbye", "next": "second_office"},
        "ask_shop": {
            "type": "http", "url": "https://shop.example.com/orders/{{ caller }}", "say": "please_wait",
            "save": {"state": "state"}, "ok": "first_queue", "not_found": "menu_again", "failed": "message",
        },
        "menu_again": {"type": "collect", "say": "account_enter", "save": "account", "digits": {"min": 6, "max": 12},
                       "next": "first_queue", "no_input": "operator"},
        "first_queue": {
            "type": "queue", "queue": "sales", "priority": "5", "say": "hold_for_agent", "busy_say": ["wait_choice"],
            "leave_keys": {"1": "message", "2": "ask_shop"}, "answered": "survey", "timeout": "message",
            "empty": "operator", "full": "branch_office",
        },
        "survey": {"type": "menu", "say": "main_menu", "choices": {"1": "again", "2": "bye"}, "retries": 0,
                   "no_input": "bye", "invalid": "again"},
        "again": {"type": "queue", "queue": "billing", "needs": "english >= 3", "answered": "bye", "timeout": "message"},
        "message": {"type": "voicemail", "box": "service", "max_s": 60, "next": "bye"},
        "operator": {"type": "queue", "queue": "operator", "timeout": "bye", "answered": "bye"},
        "bye": {"type": "hangup", "say": "goodbye"},
        "report": {"type": "http", "url": "https://shop.example.com/over", "method": "POST", "retries": 0,
                   "timeout_s": 5, "body": {"caller": "{{ caller }}"}, "ok": "end", "failed": "end"},
    },
}  # fmt: skip


def wide_flow() -> Flow:
    """Raises AssertionError with what is wrong with it."""
    flow, flaws = build(WRITTEN, text="wide")
    assert flow is not None, flaws
    return flow
