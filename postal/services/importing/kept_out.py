"""The file of the rows that were kept out: what a person mends and imports again."""

import csv
import io
from collections.abc import Iterable

from postal.services.importing import encodings, sheets, table
from postal.services.importing.formats import ERROR_COLUMN
from postal.services.importing.report import RowError, Unreadable

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def error_file(content: str | bytes, errors: Iterable[RowError], *, sheet: int = 0) -> bytes:
    """Return the rows that were kept out, with their columns and one more, "Lỗi": UTF-8 with BOM for a spreadsheet.

    Cells that a spreadsheet would take for a formula get an apostrophe, which reading takes off again. `sheet` is the
    sheet of the file in which the errors are.
    """
    lines = _lines(content, sheet=sheet)
    header = [name for name in (lines[0] if lines else []) if name.strip() != ERROR_COLUMN]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*header, ERROR_COLUMN])
    for row, said in sorted(_sentences(errors).items()):
        cells = lines[row - 1][: len(header)] if 1 < row <= len(lines) else []
        padded = [*cells, *[""] * (len(header) - len(cells))]
        writer.writerow([*map(_shown, padded), " ".join(said)])
    return _BYTE_ORDER_MARK + out.getvalue().encode()


def _shown(cell: str) -> str:
    return table.guarded(encodings.as_sent(cell))


def _lines(content: str | bytes, *, sheet: int) -> sheets.Rows:
    try:
        return sheets.read(content, most=table.MOST_ROWS + 2)[sheet]
    except sheets.Unclosed as broken:
        return broken.rows
    except Unreadable:
        return []


def _sentences(errors: Iterable[RowError]) -> dict[int, list[str]]:
    said: dict[int, list[str]] = {}
    for error in errors:
        said.setdefault(error.row, []).append(f"{error.column}: {error.message}" if error.column else error.message)
    return said
