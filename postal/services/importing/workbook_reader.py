"""Reads a workbook in a process of its own: two cells at far corners ask for more memory than a machine has.

Run as a program it takes a workbook on standard input and the most rows of a sheet as its argument, and writes the
sheets that hold anything as JSON, each cell as somebody would type it. It answers NO_WORKBOOK with its exit code where
the file is none. It is run by its path and imports nothing of ours, so that it starts at once and knows no secret.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time

import python_calamine

MEMORY = 1024**3
"""Bytes this process may have."""

NO_WORKBOOK = 3


def sheets(content: bytes, *, most: int) -> list[list[list[str]]]:
    """Return the sheets that hold anything, each with its first `most` rows. Raises: CalamineError."""
    book = python_calamine.load_workbook(io.BytesIO(content))
    found = [book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=most) for name in book.sheet_names]
    return [[[_words(cell) for cell in row] for row in sheet] for sheet in found if sheet]


def _words(cell: object) -> str:
    """Return a cell of a workbook as somebody would type it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = sheets(sys.stdin.buffer.read(), most=int(sys.argv[1]))
    except (python_calamine.CalamineError, OSError):
        sys.exit(NO_WORKBOOK)
    sys.stdout.buffer.write(json.dumps(answer).encode())
