"""API commands, one function each; `table.py` lists them by name."""
