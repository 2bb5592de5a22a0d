"""`hotline run`: one process that starts the others, watches them and ends with them.

Standard library only, one thread, one selector: what watches must be simpler than what is watched.
"""
