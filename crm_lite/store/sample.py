"""The sample centre's rows: agents, tiers, customers. Secrets come from the caller; none has a default.

Phone numbers begin with 120, which no Chinese mobile network uses, so that nobody's real number is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .audit import write_audit
from .database import Database
from .passwords import hashed
from .phone_numbers import normalise, tail
from .tables import Account, Agent, AgentSkill, Customer, CustomerNumber, Tier, User

AGENTS = tuple(str(number) for number in range(1001, 1011))
DEMO_AGENTS = tuple(str(number) for number in range(1101, 1131))
TIERS = {"bronze": 0, "silver": 10, "gold": 20}

_Account = tuple[str, int, str]
_NAMES = (
    "陈静 Chen Jing", "李伟 Li Wei", "王芳 Wang Fang", "Alice Brown", "张敏 Zhang Min",
    "刘洋 Liu Yang", "黄丽 Huang Li", "Tom Harris", "吴刚 Wu Gang", "赵雪 Zhao Xue",
)  # fmt: skip
_SKILLS: tuple[dict[str, int], ...] = (
    {"sales": 8, "support": 3, "mandarin": 10, "english": 4},
    {"support": 8, "billing": 4, "mandarin": 10},
    {"billing": 9, "mandarin": 10, "english": 6},
    {"sales": 6, "support": 6, "english": 10, "mandarin": 3},
    {"sales": 5, "billing": 5, "mandarin": 10, "cantonese": 9},
    {"support": 9, "mandarin": 9, "english": 7},
    {"billing": 6, "sales": 4, "mandarin": 10, "cantonese": 10},
    {"support": 5, "billing": 7, "english": 10, "mandarin": 2},
    {"sales": 9, "mandarin": 10},
    {"sales": 3, "support": 4, "billing": 3, "mandarin": 10, "english": 3},
)
# number, name, tier, language, phones, accounts (number, balance in fen or cents, currency)
_CUSTOMERS = (
    ("C10001", "林晓燕", "gold", "zh", ("120 0000 0001",), (("88010001", 1_256_050, "CNY"),)),
    ("C10002", "Grace Miller", "gold", "en", ("120 0000 0002",), (("88010002", 98_700, "CNY"),)),
    ("C10003", "周建国", "silver", "zh", ("120 0000 0003", "0571 5550 1003"),
     (("88010003", 32_045, "CNY"), ("88020003", -5_500, "CNY"))),
    ("C10004", "O'Brien & Sons", "silver", "en", ("120 0000 0004",), (("88010004", 4_410_000, "USD"),)),
    ("C10005", "孙丽华", "bronze", "zh", ("120 0000 0005",), (("88010005", 1_200, "CNY"),)),
    ("C10006", "何志强", "bronze", "zh", ("120 0000 0006",), (("88010006", 0, "CNY"),)),
)  # fmt: skip


def seed(
    db: Database, pins: Mapping[str, str], admin_password: str, admin_login: str = "admin", demo: bool = False
) -> None:
    """Make what is missing of the sample centre; what is there stays as it is.

    pins: a PIN for each agent of AGENTS, with `demo` also of DEMO_AGENTS. Raises KeyError on a missing one.
    """
    numbers = AGENTS + (DEMO_AGENTS if demo else ())
    there = db.read(lambda: {row.number for row in Agent.select(Agent.number)})
    pin_hashes = {number: db.aside(hashed, pins[number]) for number in numbers if number not in there}
    first = db.read(lambda: not User.select().exists())
    password_hash = db.aside(hashed, admin_password) if first else ""
    db.write(_seed, pin_hashes, admin_login if first else "", password_hash)


def _seed(pin_hashes: Mapping[str, str], login: str, password_hash: str) -> None:
    for name, priority in TIERS.items():
        Tier.get_or_create(name=name, defaults={"priority": priority})
    for number, pin_hash in pin_hashes.items():
        _agent(number, pin_hash)
    if not Customer.select().exists():
        for customer in _CUSTOMERS:
            _customer(*customer)
    if login:
        User.create(login=login, name="Administrator", role="admin", password_hash=password_hash)
        write_audit("bootstrap", "user.created", login)


def _agent(number: str, pin_hash: str) -> None:
    place = (int(number) - 1) % 100
    demo = number in DEMO_AGENTS
    name = f"Demo {number}" if demo else _NAMES[place % len(_NAMES)]
    Agent.create(number=number, name=name, email=f"{number}@hotline.example", pin_hash=pin_hash)
    for skill, level in _SKILLS[place % len(_SKILLS)].items():
        AgentSkill.create(agent=number, skill=skill, level=level)


def _customer(
    number: str, name: str, tier: str, language: str, phones: tuple[str, ...], accounts: Iterable[_Account]
) -> None:
    row = Customer.create(number=number, name=name, tier=tier, language=language)
    for phone in phones:
        CustomerNumber.create(customer=row, e164=normalise(phone), tail=tail(normalise(phone)))
    for account, balance_minor, currency in accounts:
        Account.create(customer=row, number=account, balance_minor=balance_minor, currency=currency)
