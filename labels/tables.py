"""Plain tables as a workbook: every cell is text, nothing a formula, the header stays in sight."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

WIDEST = 60
"""Characters a column is wide at most."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet: its name, what stands over its columns, and the rows."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[str]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return sheets as a workbook (Office Open XML); what is read from it again is what was written."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for column, heading in enumerate(sheet.header):
                page.write_string(0, column, heading, bold)
                page.set_column(column, column, min(WIDEST, max(12, len(heading) + 2)))
            for row, cells in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(cells):
                    if cell:
                        page.write_string(row, column, _CONTROL.sub("", cell))
            page.freeze_panes(1, 0)
    return content.getvalue()
