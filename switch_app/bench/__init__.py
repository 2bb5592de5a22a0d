"""Benches: each module here has `run() -> dict` and compares two ways of doing the same in one run."""
