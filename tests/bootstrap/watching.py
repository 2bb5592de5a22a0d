"""A supervisor of small programs: watching.py FOLDER NAME=PROGRAM... (each PROGRAM is Python text)."""

import os
import sys
from pathlib import Path

from switch_app.supervisor import state
from switch_app.supervisor.child import Child, Program
from switch_app.supervisor.rotating_log import RotatingLog
from switch_app.supervisor.watch import StartFailed, Watch

folder = Path(sys.argv[1])
children = []
for argument in sys.argv[2:]:
    name, _, text = argument.partition("=")
    command, turn = (sys.executable, "-c", text), int(name[-1]) if name[-1].isdigit() else 0
    hung_s = 1.0 if name.startswith("HUNG") else 30.0
    program = Program(name, command, dict(os.environ), name.startswith("LAST"), turn, hung_s)
    children.append(Child(program, RotatingLog(folder / f"{name}.log", 1_000_000, 2)))


def tell() -> bool:
    return state.write(folder, {
        each.program.name: {"pid": each.pid, "ready": each.ready, "restarts": each.restarts, "started_at": each.started_at} for each in children
    })  # fmt: skip


held = state.lock(folder)
watch = Watch(children, tell)
watch.take_signals()
code = 0
try:
    if watch.until_ready():
        print("ready", flush=True)
        watch.until_told()
except StartFailed as failure:
    code = failure.code
finally:
    watch.end()
sys.exit(code)
