"""The delivery list as a workbook and as plain rows: one row a thing, codes and phones as text, nothing a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from labels import payload
from labels.runsheet import RunSheet, RunStop

HEADINGS = (
    "TT",
    "Việc",
    "Mã",
    "Người nhận",
    "Địa chỉ",
    "Điện thoại",
    "Khung giờ hẹn",
    "Số tờ",
    "Tiền thu (đ)",
    "Giấy tờ thu hồi",
    "Xem giấy tờ tùy thân",
    "Vị trí",
    "Ghi chú",
    "Giờ đến dự kiến",
    "Kết quả",
)
WIDTHS = (5, 16, 14, 28, 44, 15, 16, 7, 14, 9, 11, 30, 30, 10, 20)
LONGEST_CELL = 32_767
BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def runsheet_xlsx(run: RunSheet) -> bytes:
    """Return the list of a run as a workbook (Office Open XML).

    What a name or an address says stays text, also where it begins like a formula. Raises: Unprintable.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        page = book.add_worksheet("Danh sách phát")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        name = payload.shown(run.code) if run.code else "(phương án)"
        title = f"Danh sách phát {name} · {run.office} · {run.territory} · {run.day} · {run.postman}"
        page.write_string(0, 0, clean(title), bold)
        for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(2, column, heading, bold)
        for row, stop in enumerate(run.stops, start=3):
            _write(page, row, stop, wrapped)
        page.freeze_panes(3, 0)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(2)
    return content.getvalue()


def runsheet_csv(run: RunSheet) -> bytes:
    """Return the same list as CSV in UTF-8 with BOM. Raises: Unprintable."""
    return plain_rows(HEADINGS, ([str(cell) for cell in _cells(stop)] for stop in run.stops))


def plain_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with BOM; a cell that a spreadsheet would calculate begins with an apostrophe."""
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(header)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return (BOM + content.getvalue()).encode()


def inert(text: str) -> str:
    """Return a text that stays one where a spreadsheet reads it from CSV.

    >>> inert("=1+1"), inert("12 Bạch Đằng")
    ("'=1+1", '12 Bạch Đằng')
    """
    cell = clean(text)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def clean(text: str) -> str:
    """Return a text in NFC without control characters, no longer than a cell holds.

    >>> clean("=1+1\\x00 Đa\\u0300 Nẵng")
    '=1+1 Đà Nẵng'
    """
    kept = text if text.isprintable() else "".join(letter for letter in text if letter.isprintable() or letter == " ")
    return unicodedata.normalize("NFC", kept)[:LONGEST_CELL]


def _write(page: Any, row: int, stop: RunStop, wrapped: Any) -> None:
    for column, cell in enumerate(_cells(stop)):
        if isinstance(cell, int):
            page.write_number(row, column, cell, wrapped)
        else:
            page.write_string(row, column, clean(cell), wrapped)


def _cells(stop: RunStop) -> tuple[str | int, ...]:
    return (
        stop.order,
        stop.task,
        payload.shown(stop.code),
        stop.receiver,
        stop.address,
        stop.phone,
        stop.window,
        stop.count or "",
        stop.collect or "",
        stop.recover or "",
        "có" if stop.identity else "",
        stop.where,
        stop.note,
        stop.arrives,
        "",
    )
