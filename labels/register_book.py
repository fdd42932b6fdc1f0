"""Sổ theo dõi hồ sơ (form 07 since 2025, 06 before): a row a dossier, on paper, as a workbook, as plain rows.

Columns: templates in use at one-stop desks; who leads the case, how the result is returned, the signature and the
notes are columns of the circular that have not been seen.
"""

import functools
import io
from dataclasses import dataclass

import xlsxwriter

from labels import typesetting, workbook

TITLE = "SỔ THEO DÕI HỒ SƠ"
LINES_A_PART = 1000
"""So many lines are set at a time: what is set at once is held in memory at once."""
LONGEST_FOOT = 60
"""Letters of what it is that stand at the foot of every page."""

COLUMNS: tuple[tuple[str, float, int], ...] = (
    ("STT", 10, 7),
    ("Mã hồ sơ", 30, 26),
    ("Tên/trích yếu", -1.5, 48),
    ("Số bộ", 8, 7),
    ("Chủ hồ sơ", -1, 28),
    ("Địa chỉ", -1.25, 44),
    ("SĐT", 19, 14),
    ("Cơ quan chủ trì", -0.9, 32),
    ("Ngày tiếp nhận", 17, 17),
    ("Ngày hẹn trả", 17, 17),
    ("Ngày trả", 17, 17),
    ("Phương thức nhận kết quả", 18, 18),
    ("Người nhận hồ sơ", -0.8, 24),
    ("Ký nhận", 12, 10),
    ("Ghi chú", 14, 22),
)
"""Each column's heading, its width on paper (mm, below 0 a share of the rest), and its width in a workbook."""

CENTRED = (0, 3, 6, 8, 9, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """A dossier in the book; an empty text is an empty cell."""

    number: str
    official_code: str
    what: str
    sets: str = ""
    owner: str
    address: str
    phone: str
    authority: str
    received_on: str
    due_on: str
    returned_on: str
    way: str
    officer: str
    signature: str = ""
    note: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the line in the order of COLUMNS."""
        return (
            self.number,
            self.official_code,
            self.what,
            self.sets,
            self.owner,
            self.address,
            self.phone,
            self.authority,
            self.received_on,
            self.due_on,
            self.returned_on,
            self.way,
            self.officer,
            self.signature,
            self.note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBook:
    """A book, or a month of it."""

    form: str
    """Such as “Mẫu số 07”, by the set in force when the book was opened."""
    basis: str
    authority: str = ""
    desk: str
    subtitle: str
    """Year, which book, which part of it."""
    closing: str
    """How many dossiers from which number to which, and when the book was closed."""
    signer: str = ""
    lines: tuple[RegisterLine, ...]


def register_pdf(book: RegisterBook) -> bytes:
    """Return the book on A4 across, its header on every page; a long one is set part by part, its pages go on.

    Only a book of one part can say on each page how many there are.
    """
    starts = range(0, max(1, len(book.lines)), LINES_A_PART)
    if len(starts) == 1:
        return typesetting.pdf("register-book", _part(book, 1, start=0, is_whole=True))
    parts = (functools.partial(_part, book, start=start, is_whole=False) for start in starts)
    return typesetting.joined("register-book", parts)


def _part(book: RegisterBook, first_page: int, *, start: int, is_whole: bool) -> dict[str, typesetting.Json]:
    lines = book.lines[start : start + LINES_A_PART]
    return {
        "form": book.form,
        "basis": book.basis,
        "authority": book.authority,
        "desk": book.desk,
        "title": TITLE,
        "subtitle": book.subtitle,
        "closing": book.closing,
        "signer": book.signer,
        "foot": f"{book.form} · {TITLE.capitalize()} · {book.subtitle[:LONGEST_FOOT]}",
        "columns": [[name, str(width)] for name, width, _ in COLUMNS],
        "centred": list(CENTRED),
        "rows": [list(line.cells) for line in lines],
        "first-page": first_page,
        "is-whole": is_whole,
        "is-first": start == 0,
        "is-last": start + LINES_A_PART >= len(book.lines),
    }


def register_xlsx(book: RegisterBook) -> bytes:
    """Return the book as a workbook (Office Open XML); every cell is text, also what begins like a formula."""
    content = io.BytesIO()
    options = {"constant_memory": True, "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options | {"strings_to_numbers": False}) as made:
        page = made.add_worksheet("Sổ theo dõi hồ sơ")
        bold, heading = made.add_format({"bold": True}), made.add_format({"bold": True, "text_wrap": True, "border": 1})
        for column, (_, _, width) in enumerate(COLUMNS):
            page.set_column(column, column, width)
        page.freeze_panes(4, 0)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(3)
        for row, text in enumerate((f"{book.form} ({book.basis})", book.desk, f"{TITLE} · {book.subtitle}")):
            page.write_string(row, 0, workbook.clean(text), bold)
        for column, (name, _, _) in enumerate(COLUMNS):
            page.write_string(3, column, name, heading)
        write = page.write_string
        for row, line in enumerate(book.lines, start=4):
            for column, cell in enumerate(line.cells):
                if cell:
                    write(row, column, workbook.clean(cell))
        write(len(book.lines) + 5, 0, workbook.clean(book.closing), bold)
    return content.getvalue()


def register_csv(book: RegisterBook) -> bytes:
    """Return the book as CSV in UTF-8 with BOM; a cell that a spreadsheet would calculate begins with an apostrophe."""
    return workbook.plain_rows([name for name, *_ in COLUMNS], (line.cells for line in book.lines))
