"""All API commands by name. One that is not here is answered as FreeSWITCH answers an unknown one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from . import general, legs

if TYPE_CHECKING:
    from ..switch import Switch

Command = Callable[["Switch", str], str | Awaitable[str]]

COMMANDS: dict[str, Command] = {
    "originate": general.originate,
    "show": general.show,
    "status": general.status,
    "version": general.version,
    "reloadxml": general.reloadxml,
    "create_uuid": general.create_uuid,
    "global_getvar": general.global_getvar,
    "global_setvar": general.global_setvar,
    "sofia_contact": general.sofia_contact,
    "user_exists": general.user_exists,
    "hupall": general.hupall,
    "strftime": general.strftime,
    "echo": general.echo,
    "hash": general.hash_text,
    "hash_dump": general.hash_dump,
    "uuid_answer": legs.uuid_answer,
    "uuid_break": legs.uuid_break,
    "uuid_bridge": legs.uuid_bridge,
    "uuid_broadcast": legs.uuid_broadcast,
    "uuid_dump": legs.uuid_dump,
    "uuid_exists": legs.uuid_exists,
    "uuid_flush_dtmf": legs.uuid_flush_dtmf,
    "uuid_getvar": legs.uuid_getvar,
    "uuid_kill": legs.uuid_kill,
    "uuid_park": legs.uuid_park,
    "uuid_record": legs.uuid_record,
    "uuid_send_dtmf": legs.uuid_send_dtmf,
    "uuid_setvar": legs.uuid_setvar,
    "uuid_setvar_multi": legs.uuid_setvar_multi,
    "uuid_transfer": legs.uuid_transfer,
}

INSIDE_ARGUMENTS = frozenset(
    ("create_uuid", "global_getvar", "strftime", "sofia_contact", "user_exists", "echo")
)
"""What `${name(args)}` in a dialplan may call: nothing that acts on a call."""
