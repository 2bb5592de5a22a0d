"""Dialplan applications, one coroutine each; `table.py` lists them by name."""
