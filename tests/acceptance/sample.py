"""The sample centre, changed for tests in which waiting for people would take long."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
QUICK_NUMBER = "4100"  # leads to flows/quick.yml
SPOKEN_NUMBER = "4200"  # leads to flows/spoken.yml
CHANGING_NUMBER = "4300"  # leads to flows/changing.yml
QUICK_QUEUES = {"ring_s": 3, "wrap_up_s": 1, "no_answer_delay_s": 2}


def quick(folder: Path) -> dict[str, str]:
    """The sample's configuration and flows, copied and changed; returns the variables that point to them."""
    conf, flows = folder / "conf", folder / "flows"
    shutil.copytree(ROOT / "conf", conf)
    shutil.copytree(ROOT / "ivr_flows", flows)
    for own in (Path(__file__).parent / "flows").glob("*.yml"):
        shutil.copy(own, flows)
    queues = _read(conf / "queues.yml")
    for queue in queues.values():
        queue |= QUICK_QUEUES
    _write(conf / "queues.yml", queues)
    numbers = _read(conf / "numbers.yml")
    numbers["inbound"][int(QUICK_NUMBER)] = {"flow": "quick"}
    numbers["inbound"][int(SPOKEN_NUMBER)] = {"flow": "spoken"}
    numbers["inbound"][int(CHANGING_NUMBER)] = {"flow": "changing"}
    _write(conf / "numbers.yml", numbers)
    return {"HOTLINE_CONF": str(conf), "HOTLINE_FLOWS": str(flows)}


def _read(path: Path) -> dict[str, dict]:  # type: ignore[type-arg]
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _write(path: Path, tree: dict[str, dict]) -> None:  # type: ignore[type-arg]
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
