"""The web pages of supervisors, admins and agents: server-rendered, a folder for each subject.

A subject's folder holds views.py (a Flask blueprint named as the folder), templates/<subject>/ and
words.yml (its texts in zh and en). Pages work without script; the scripts in common/static only keep
live figures live.
"""

from .app import create_app
from .server import serve

__all__ = ["create_app", "serve"]
