"""conf/trunks.yml: the SIP gateways."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flaw, validate
from switch_app.core.flow.steps.base import Name, Written

from .conf_file import read_conf

Plain = Annotated[str, StringConstraints(pattern=r"^[^\s<>\"'{}\[\]]*$", max_length=200)]


class TrunkText(Written):
    """A trunk as it is written. password_file is relative to conf/ and wins over password."""

    proxy: Annotated[Plain, Field(min_length=1)]
    register_: bool = Field(True, alias="register")
    username: Plain = ""
    password: str = ""
    password_file: str = ""
    realm: Plain = ""
    number: Plain = ""
    expires_s: int = Field(600, ge=30, le=86_400)
    name: Name = ""


def load_trunks(path: Path) -> tuple[tuple[dict[str, Any], ...] | None, list[FlowProblem]]:
    """The trunks in the file's order as plain data; none if the file is not there. Never raises."""
    if not path.exists():
        return (), []
    return read_conf(path, lambda data, flaws: _trunks(data, flaws, path.parent))


def _trunks(data: Any, flaws: list[Flaw], folder: Path) -> tuple[dict[str, Any], ...]:
    if not isinstance(data, dict):
        flaws.append(Flaw((), "schema", "a mapping of trunk names is wanted"))
        return ()
    found = (_trunk(name, written, flaws, folder) for name, written in data.items())
    return tuple(trunk for trunk in found if trunk)


def _trunk(name: str, written: Any, flaws: list[Flaw], folder: Path) -> dict[str, Any] | None:
    given = {**written, "name": name} if isinstance(written, dict) else written
    text = validate(TrunkText, given, (name,), flaws)
    if text is None:
        return None
    trunk: dict[str, Any] = {**text.model_dump(by_alias=True)}
    file = trunk.pop("password_file")
    if file:
        try:
            trunk["password"] = (folder / file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            flaws.append(Flaw((name, "password_file"), "unreadable", f"{file} cannot be read: {error}"))
    return trunk
