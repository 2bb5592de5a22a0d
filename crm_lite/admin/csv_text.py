"""Rows as a CSV file that spreadsheets open rightly and that runs nothing in them.

UTF-8 with its mark (Excel takes the text for the system's old encoding without it), commas, every cell
quoted. A text that a spreadsheet would take for a formula gets an apostrophe before it
(owasp.org/www-community/attacks/CSV_Injection): callers choose their names and numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # four full-width
AT_ONCE = 200  # rows of a chunk


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file in chunks. Numbers stay numbers, None is an empty cell."""
    buffer = io.StringIO()
    buffer.write(MARK)
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    for count, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in row])
        if count % AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def cell(value: object) -> object:
    """The value, harmless."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if text.lstrip(" \n\u3000").startswith(FORMULA) or text.startswith("\n") else text


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
