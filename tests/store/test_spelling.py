"""Names found and sorted by how they are spelt."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from playhouse.migrations import Runner

from crm_lite.store import database, spelling
from crm_lite.store.database import MIGRATIONS, Database
from crm_lite.store.edits.customers import save_customer, search_customers
from crm_lite.store.tables import Customer, Tier

NAMES = (
    "李雷", "李磊明", "韩梅梅", "曾国藩", "单雄信", "吕布", "欧阳锋", "万俟卨", "林晓燕", "Lily Allen", "José Müller",
    "O'Brien & Sons", "王 Wang 小明", "重庆银行股份有限公司", "山田 Tarō", "100% Pure",
)  # fmt: skip


@pytest.fixture
def named(db: Database) -> Database:
    def make() -> None:
        Tier.create(name="gold", priority=1)
        for place, name in enumerate(NAMES):
            Customer.create(number=f"C{place}", name=name, tier="gold")

    db.write(make)
    return db


def found(db: Database, text: str) -> list[str]:
    return [row["name"] for row in search_customers(db, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lilei", ["李雷", "李磊明"]), ("li lei", ["李雷", "李磊明"]), ("LiLei", ["李雷", "李磊明"]),
        ("ll", ["José Müller", "李雷", "李磊明", "Lily Allen"]), ("LLM", ["李磊明"]), ("lǐ léi", ["李雷", "李磊明"]), ("li3 lei2", ["李雷", "李磊明"]),
        ("li3lei2", ["李雷", "李磊明"]), ("lei li", ["李雷", "李磊明"]), ("leiming", ["李磊明"]), ("lile", ["李雷", "李磊明"]),
        ("illei", []), ("meimei", ["韩梅梅"]), ("hmm", ["韩梅梅"]),
        ("zengguofan", ["曾国藩"]), ("cengguofan", ["曾国藩"]), ("shan xiong xin", ["单雄信"]), ("danxiongxin", ["单雄信"]),
        ("lvbu", ["吕布"]), ("lübu", ["吕布"]), ("lubu", ["吕布"]), ("lyubu", ["吕布"]), ("lǚ bù", ["吕布"]),
        ("ouyang", ["欧阳锋"]), ("oyf", ["欧阳锋"]), ("moqi", ["万俟卨"]), ("wanqi", ["万俟卨"]),
        ("chongqing", ["重庆银行股份有限公司"]), ("youxiangongsi", ["重庆银行股份有限公司"]),
        ("allen", ["Lily Allen"]), ("LILY ALLEN", ["Lily Allen"]), ("allen lily", ["Lily Allen"]),
        ("jose muller", ["José Müller"]), ("MÜLLER", ["José Müller"]), ("josé", ["José Müller"]),
        ("obrien", ["O'Brien & Sons"]), ("o'brien", ["O'Brien & Sons"]), ("sons", ["O'Brien & Sons"]),
        ("wang xiao ming", ["王 Wang 小明"]), ("taro", ["山田 Tarō"]), ("100%", ["100% Pure"]), ("pure", ["100% Pure"]),
        ("雷", ["李雷"]), ("zz", []), ("_", []), ("%", ["100% Pure"]), ("l_l", ["李雷", "李磊明"]), ("\0", []),
        ("' OR 1=1", []), ("x" * 500, []),
    ],
)  # fmt: skip
def test_customers_are_found_as_they_are_spelt(named: Database, text: str, names: list[str]) -> None:
    assert found(named, text) == names


def test_initials_alone_are_looked_for_as_one(named: Database) -> None:
    """Each of them by itself would be half of all customers."""
    assert found(named, "l l") == ["李雷", "李磊明"]


def test_a_new_name_is_found_by_its_new_spelling_alone(named: Database) -> None:
    id = named.read(lambda: Customer.get(Customer.name == "李雷").id)
    values = {"name": "张三丰", "tier": "gold", "language": "zh", "note": ""}
    save_customer(named, "admin", id, values, [], [])
    assert found(named, "zhang sanfeng") == ["张三丰"] and found(named, "lilei") == ["李磊明"]
    save_customer(named, "admin", None, {**values, "name": "Zoë"}, [], [])
    assert found(named, "zoe") == ["Zoë"]


def test_lists_are_sorted_as_names_are_spelt(named: Database) -> None:
    ordered = [row["name"] for row in search_customers(named, "", sort="name")]
    assert ordered == [
        "100% Pure", "韩梅梅", "José Müller", "李雷", "李磊明", "Lily Allen", "林晓燕", "吕布", "万俟卨", "O'Brien & Sons",
        "欧阳锋", "山田 Tarō", "单雄信", "王 Wang 小明", "曾国藩", "重庆银行股份有限公司",
    ]  # fmt: skip
    assert [row["name"] for row in search_customers(named, "", sort="-name")] == ordered[::-1]


def test_an_unknown_order_is_an_error(named: Database) -> None:
    with pytest.raises(ValueError, match="balance"):
        search_customers(named, "", sort="balance")


@pytest.mark.parametrize(
    ("name", "keys", "order"),
    [
        ("李雷", " lilei lei ll l", "li lei"),
        ("Ann Lee", " annlee lee al l", "ann lee"),
        ("", "", ""), ("!?", "", ""), ("😀", "", ""), ("ＡＢ", " ab a", "ab"), ("Straße", " strasse s", "strasse"),
    ],
)  # fmt: skip
def test_keys_and_order(name: str, keys: str, order: str) -> None:
    assert (spelling.keys(name), spelling.order(name)) == (keys, order)


@pytest.mark.parametrize("name", ["单" * 200, "a" * 200, "a " * 100, "解曾查单" * 50, "\U00020000" * 200, "٣" * 200])
def test_keys_of_the_longest_names_stay_short_and_quick(name: str) -> None:
    begun = time.perf_counter()
    assert len(spelling.keys(name)) < 40_000
    assert len(spelling.order(name)) <= 100
    assert time.perf_counter() - begun < 1.0


def test_what_is_looked_for_is_cut_as_the_keys_are(named: Database) -> None:
    long = "chongqingyinhanggufenyouxiangongsi"
    assert found(named, long) == ["重庆银行股份有限公司"]
    assert all(len(key) <= spelling.LONGEST_KEY + 1 for key in spelling.asked("a" * 500))


def test_customers_of_before_are_found_too(tmp_path: Path) -> None:
    before = database.open(tmp_path / "crm.sqlite", migrate=False)
    Runner(before.engine, str(MIGRATIONS)).up("0004_guesses")
    before.engine.execute_sql("INSERT INTO tiers VALUES ('gold', 1)")
    for place in range(1203):
        name = "李雷" if place == 1202 else f"n{place}"
        before.engine.execute_sql(
            "INSERT INTO customers (number, name, tier, language, note) VALUES (?, ?, 'gold', 'zh', '')",
            (f"C{place}", name),
        )
    assert before.migrate() == ["0005_spelling", "0006_sorting"]
    assert found(before, "lilei") == ["李雷"] and found(before, "n1201") == ["n1201"]
    before.close()


def test_names_are_read_without_the_phrases_and_others_still_get_them() -> None:
    program = (
        "import os; from crm_lite.store import spelling; assert spelling.keys('李雷'); import pypinyin.constants as c;"
        "assert 'PYPINYIN_NO_PHRASES' not in os.environ; print(len(c.PHRASES_DICT))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout == "0\n"
