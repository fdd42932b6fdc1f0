"""The delivery list as a workbook: one row a thing, every code and phone as text, nothing a formula."""

import io
import unicodedata
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
    "Kết quả",
)
WIDTHS = (5, 16, 14, 28, 44, 15, 16, 7, 14, 9, 11, 30, 30, 20)
LONGEST_CELL = 32_767


def runsheet_xlsx(run: RunSheet) -> bytes:
    """Return the list of a run as a workbook (Office Open XML).

    What a name or an address says stays text, also where it begins like a formula. Raises: Unprintable.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        page = book.add_worksheet("Danh sách phát")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        title = f"Danh sách phát {payload.shown(run.code)} · {run.office} · {run.territory} · {run.day} · {run.postman}"
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


def clean(text: str) -> str:
    """Return a text in NFC without control characters, no longer than a cell holds.

    >>> clean("=1+1\\x00 Đa\\u0300 Nẵng")
    '=1+1 Đà Nẵng'
    """
    kept = text if text.isprintable() else "".join(letter for letter in text if letter.isprintable() or letter == " ")
    return unicodedata.normalize("NFC", kept)[:LONGEST_CELL]


def _write(page: Any, row: int, stop: RunStop, wrapped: Any) -> None:
    cells: tuple[str | int, ...] = (
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
        "",
    )
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            page.write_number(row, column, cell, wrapped)
        else:
            page.write_string(row, column, clean(cell), wrapped)
