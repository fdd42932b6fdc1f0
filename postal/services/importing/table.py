"""A sheet as numbered rows of cells: rows are numbered as a spreadsheet shows them, the header is row 1."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from postal.services.importing import encodings, sheets
from postal.services.importing.report import RowError, Unreadable

LONGEST_CELL = 4000
MOST_ROWS = 50_000

Cells = Mapping[str, str]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
"""Signs that nobody sees: a name written backwards, or two names that look the same and are not."""

_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file, by row number, with what could not be read at all."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Cells], ...]
    errors: tuple[RowError, ...]
    sheet: int = 0


def read_tables(content: str | bytes) -> list[Table]:
    """Return the cells of each sheet of a file; a CSV file is one. Empty rows are left out. Raises: Unreadable."""
    try:
        return [_table(rows, sheet=sheet) for sheet, rows in enumerate(sheets.read(content, most=MOST_ROWS + 2))]
    except sheets.Unclosed as broken:
        return [_cut_off(broken)]


def _cut_off(broken: sheets.Unclosed) -> Table:
    """Return what came before the line from which on the file is no CSV any more."""
    if not broken.rows:
        raise Unreadable(f"Tệp không đúng dạng CSV ({broken.why}). Xem dấu ngoặc kép chưa đóng rồi nhập lại.")
    message = f"Từ dòng này tệp không còn đúng dạng CSV ({broken.why}). Xem dấu ngoặc kép chưa đóng rồi nhập lại."
    found = _table(broken.rows, sheet=0)
    return replace(found, errors=(*found.errors, RowError(row=broken.line, column="", message=message)))


def _table(rows: sheets.Rows, *, sheet: int) -> Table:
    header = _header(rows[0] if rows else ())
    _must_not_be_too_many(len(rows))
    good: list[tuple[int, Cells]] = []
    errors: list[RowError] = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if wrong := _wrong_with(number, cells, header):
            errors.append(wrong)
        else:
            good.append((number, {name: cleaned(cell) for name, cell in zip(header, cells, strict=True)}))
    return Table(header=header, rows=tuple(good), errors=tuple(errors), sheet=sheet)


def cleaned(cell: str) -> str:
    """Return a cell in one form of Vietnamese letters, without needless spaces, unseen signs, a guard's apostrophe."""
    text = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", cell)).split())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `cleaned` takes the apostrophe off again."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    header = tuple(name.strip() for name in cells)
    if not any(header):
        raise Unreadable("Tệp trống. Tải tệp mẫu, điền rồi nhập lại.")
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if twice:
        raise Unreadable(f"Cột {', '.join(twice)} có hai lần. Xóa một cột rồi nhập lại.")
    return header


def _must_not_be_too_many(count: int) -> None:
    if count > MOST_ROWS + 1:
        raise Unreadable(f"Tệp có hơn {MOST_ROWS} dòng. Chia tệp thành nhiều phần rồi nhập từng phần.")


def _wrong_with(number: int, cells: Sequence[str], header: Sequence[str]) -> RowError | None:
    """Return why a row does not fit its header."""
    if len(cells) != len(header):
        message = f"Dòng có {len(cells)} ô, tiêu đề có {len(header)} cột. Xem dấu phẩy và dấu ngoặc kép của dòng này."
        return RowError(row=number, column="", message=message)
    strange = next((name for name, cell in zip(header, cells, strict=True) if encodings.is_foreign(cell)), None)
    if strange is not None:
        message = "Dòng này không cùng bảng mã với cả tệp (tệp trộn UTF-8 và bảng mã cũ). Gõ lại chữ của dòng này."
        return RowError(row=number, column=strange, message=message)
    damaged = next((name for name, cell in zip(header, cells, strict=True) if encodings.is_damaged(cell)), None)
    if damaged is not None:
        message = "Chữ tiếng Việt của ô này đã hỏng trước khi nhập (sai bảng mã). Gõ lại, hoặc lấy lại tệp gốc."
        return RowError(row=number, column=damaged, message=message)
    longest = next((name for name, cell in zip(header, cells, strict=True) if len(cell) > LONGEST_CELL), None)
    if longest is not None:
        return RowError(row=number, column=longest, message=f"Dài quá {LONGEST_CELL} ký tự. Rút ngắn nội dung.")
    return None
