"""See views.py, and calls.py, which adds to its blueprint."""

from . import calls as calls
