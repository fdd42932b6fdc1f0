"""A CSV file as numbered rows of cells: rows are numbered as a spreadsheet shows them, the header is row 1."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postal.services.importing.report import RowError, Unreadable

LONGEST_CELL = 4000
MOST_ROWS = 50_000

Cells = Mapping[str, str]

_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file, by row number, with what could not be read at all."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Cells], ...]
    errors: tuple[RowError, ...]


def decoded(text: str | bytes) -> str:
    """Return the text of a file without its byte order mark. Raises: Unreadable."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(
                'Tệp không phải UTF-8. Trong Excel chọn "Lưu dưới dạng", kiểu "CSV UTF-8", rồi nhập lại.'
            ) from error
    if "\x00" in text:
        raise Unreadable("Tệp có ký tự rỗng, không phải CSV. Lưu lại bằng kiểu CSV UTF-8 rồi nhập lại.")
    return text.removeprefix("\ufeff")


def read_table(text: str) -> Table:
    """Return the cells of a CSV text; empty rows are left out. Raises: Unreadable."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: tuple[str, ...] = ()
    rows: list[tuple[int, Cells]] = []
    errors: list[RowError] = []
    try:
        header = _header(next(lines, ()))
        for number, cells in enumerate(lines, start=2):
            _must_not_be_too_many(number)
            if not any(cell.strip() for cell in cells):
                continue
            if wrong := _wrong_with(number, cells, header):
                errors.append(wrong)
            else:
                rows.append((number, {name: cleaned(cell) for name, cell in zip(header, cells, strict=True)}))
    except csv.Error as error:
        message = f"Từ dòng này tệp không còn đúng dạng CSV ({error}). Xem dấu ngoặc kép chưa đóng rồi nhập lại."
        errors.append(RowError(row=lines.line_num, column="", message=message))
    return Table(header=header, rows=tuple(rows), errors=tuple(errors))


def cleaned(cell: str) -> str:
    """Return a cell in one form of Vietnamese letters, without needless spaces or a spreadsheet's apostrophe."""
    text = " ".join(unicodedata.normalize("NFC", cell).split())
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


def _must_not_be_too_many(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise Unreadable(f"Tệp có hơn {MOST_ROWS} dòng. Chia tệp thành nhiều phần rồi nhập từng phần.")


def _wrong_with(number: int, cells: Sequence[str], header: Sequence[str]) -> RowError | None:
    """Return why a row does not fit its header."""
    if len(cells) != len(header):
        message = f"Dòng có {len(cells)} ô, tiêu đề có {len(header)} cột. Xem dấu phẩy và dấu ngoặc kép của dòng này."
        return RowError(row=number, column="", message=message)
    longest = next((name for name, cell in zip(header, cells, strict=True) if len(cell) > LONGEST_CELL), None)
    if longest is not None:
        return RowError(row=number, column=longest, message=f"Dài quá {LONGEST_CELL} ký tự. Rút ngắn nội dung.")
    return None
