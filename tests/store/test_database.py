from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import peewee
import pytest
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from crm_lite.store import database
from crm_lite.store.database import MIGRATIONS, Database
from crm_lite.store.tables import TABLES, Agent, AgentSkill, Interaction, Tier


def test_the_migrations_make_exactly_the_tables_of_the_models(db: Database) -> None:
    with db.engine.bind_ctx(TABLES):
        found = diff_models(db.engine, list(TABLES))
    assert not found, found


def test_migrations_go_down_and_up_again(db: Database) -> None:
    Runner(db.engine, str(MIGRATIONS)).down("0001_initial")
    assert db.engine.get_tables() == ["schema_migration"]
    assert db.migrate() == ["0001_initial", "0002_hold", "0003_logins", "0004_guesses", "0005_spelling", "0006_sorting"]
    assert db.migrate() == []


def test_contacts_of_before_the_hold_keep_their_rows(tmp_path: Path) -> None:
    with_rows = database.open(tmp_path / "crm.sqlite", migrate=False)
    Runner(with_rows.engine, str(MIGRATIONS)).up("0001_initial")
    row = {"id": "i", "opened_at": 1.0, "wait_s": 2.0, "talk_s": 3.0}
    text = {field.column_name: "" for field in Interaction._meta.sorted_fields if not field.null} | row
    columns = [name for name in text if name != "hold_s"]
    marks = ", ".join("?" * len(columns))
    names = ", ".join(f'"{name}"' for name in columns)
    with_rows.engine.execute_sql(f"INSERT INTO interactions ({names}) VALUES ({marks})", [text[n] for n in columns])
    assert with_rows.migrate() == ["0002_hold", "0003_logins", "0004_guesses", "0005_spelling", "0006_sorting"]
    (kept,) = with_rows.read(lambda: list(Interaction.select()))
    assert (kept.id, kept.talk_s, kept.hold_s) == ("i", 3.0, 0.0)
    with_rows.close()


def test_every_migration_is_numbered_and_packaged() -> None:
    names = [path.stem for path in sorted(MIGRATIONS.glob("[0-9]*.py"))]
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_a_write_that_fails_changes_nothing(db: Database) -> None:
    def work() -> None:
        Tier.create(name="gold", priority=1)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        db.write(work)
    assert db.read(lambda: Tier.select().count()) == 0


def test_two_open_databases_do_not_meet(tmp_path: Path) -> None:
    one, other = database.open(tmp_path / "1.db"), database.open(tmp_path / "2.db")
    one.write(lambda: Tier.create(name="gold", priority=1))
    assert other.read(lambda: Tier.select().count()) == 0
    assert one.read(lambda: other.read(lambda: Tier.select().count())) == 0


def test_levels_are_guarded_by_the_database(db: Database) -> None:
    db.write(lambda: Agent.create(number="1", name="x"))
    for level in (0, 11):
        with pytest.raises(peewee.IntegrityError):
            db.write(lambda level=level: AgentSkill.create(agent="1", skill="s", level=level))


def test_outside_of_a_database_no_row_is_touched(db: Database) -> None:
    db.write(lambda: Tier.create(name="gold", priority=1))
    program = "from crm_lite.store.tables import Tier; Tier.select().count()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1


COOPERATIVE = """
from gevent import monkey; monkey.patch_all()
import sys, time, gevent
from crm_lite.store import database, sample, queries
from crm_lite.store.tables import Tier
db = database.open(sys.argv[1], cooperative=True)
ticks = []
def tick():
    while True:
        gevent.sleep(0.002); ticks.append(time.monotonic())
gevent.spawn(tick)
sample.seed(db, {n: "1234" for n in sample.AGENTS}, "password")
def slow():
    return db.engine.execute_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT sum(i) FROM n"
    ).fetchone()[0]
jobs = [gevent.spawn(db.read, slow), gevent.spawn(queries.check_pin, db, "1001", "1234")]
jobs += [gevent.spawn(db.write, lambda n=n: Tier.create(name=f"t{n}", priority=n)) for n in range(20)]
gevent.joinall(jobs, raise_error=True)
victim = gevent.spawn(db.write, lambda: Tier.create(name="killed", priority=1))
gevent.sleep(0); victim.kill()
print(jobs[0].value, jobs[1].value, db.read(lambda: Tier.select().count()))
print(len(ticks))
db.close()
"""


def test_under_gevent_the_hub_goes_on_while_the_database_works(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", COOPERATIVE, str(tmp_path / "crm.db")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    results, ticks = ended.stdout.splitlines()
    assert results in (
        "2000001000000 True 23",
        "2000001000000 True 24",
    )  # the killed one may or may not be in
    assert int(ticks) > 20


REFUSED = """
from gevent import monkey; monkey.patch_all()
import sys
from crm_lite.store import database, sample
from crm_lite.store.edits import Unfit
from crm_lite.store.edits.agents import save_agent
db = database.open(sys.argv[1], cooperative=True)
sample.seed(db, {n: "1234" for n in sample.AGENTS}, "password")
def within():
    return db.read(lambda: 6 // 0)
for work in (lambda: save_agent(db, "lena", "1001", {}, {}, new=True), lambda: db.aside(within)):
    try:
        work()
    except (Unfit, ZeroDivisionError) as error:
        print(type(error).__name__)
db.close()
"""


def test_under_gevent_what_the_rows_do_not_allow_is_told_to_who_asked_alone(tmp_path: Path) -> None:
    """The pool's thread wrote a traceback into the log for each number that was taken."""
    command = [sys.executable, "-c", REFUSED, str(tmp_path / "crm.db")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.stdout.split(), ended.stderr) == (["Unfit", "ZeroDivisionError"], "")


def test_two_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    """Some at the same moment: SQLite does not wait while one of them changes the new file's journal mode."""
    program = (
        "import sys; from crm_lite.store import database; print('loaded', flush=True); input();"
        " database.open(sys.argv[1]).close()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "crm.db")]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    several = [subprocess.Popen(command, text=True, **pipes) for _ in range(4)]
    for process in several:
        assert process.stdout and process.stdout.readline() == "loaded\n"
    for process in several:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    for process in several:
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
