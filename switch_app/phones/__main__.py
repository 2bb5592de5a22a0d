"""python -m switch_app.phones: a phone process, driven by JSON lines on standard input."""

from .process import main

main()
