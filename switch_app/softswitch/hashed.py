"""mod_hash's texts by realm and key, in memory: they outlive a call and the application, not the switch."""

from __future__ import annotations

SYNTAX = "[insert|delete|select]/<realm>/<key>/<value>"


def carry_out(texts: dict[str, str], args: str) -> str | None:
    """A deed of the application, or of the API command, `hash`: its output; None: there is no such deed."""
    deed, *rest = args.split("/", 3)
    if len(rest) < 2 or (deed.lower() == "insert" and len(rest) < 3):
        return None
    name = f"{rest[0]}_{rest[1]}"
    match deed.lower():
        case "insert":
            texts[name] = rest[2]
            return "+OK\n"
        case "delete":
            return "-ERR Not found\n" if texts.pop(name, None) is None else "+OK\n"
        case "select":
            return texts.get(name, "")
    return None


def dump(texts: dict[str, str], realm: str) -> str:
    """A line `D/REALM_KEY/VALUE` each; all without a realm."""
    return "".join(f"D/{name}/{text}\n" for name, text in texts.items() if not realm or f"{realm}_" in name)
