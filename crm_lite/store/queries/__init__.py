"""What others ask of the CRM: plain dicts and lists, ready for JSON."""

from .agents import check_pin, roster, roster_of, roster_rows
from .customers import find_customer
from .interactions import interaction, interactions

__all__ = [
    "check_pin",
    "find_customer",
    "interaction",
    "interactions",
    "roster",
    "roster_of",
    "roster_rows",
]
