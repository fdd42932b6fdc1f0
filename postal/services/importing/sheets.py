"""A file as sheets of rows of cells: CSV whatever separates its cells, several CSV in a ZIP, an Excel workbook."""

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time

import python_calamine

from postal.services.importing import encodings
from postal.services.importing.report import Unreadable

Rows = Sequence[Sequence[str]]

LARGEST_UNPACKED = 200 * 1024 * 1024
"""Bytes of a workbook once it is unpacked."""

_PACKED = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_SEPARATORS = (",", ";", "\t")


class Unclosed(Exception):
    """From a line on a file is no CSV any more; `rows` are those before."""

    def __init__(self, rows: Rows, *, line: int, why: str) -> None:
        self.rows = rows
        self.line = line
        self.why = why
        super().__init__(why)


def read(content: str | bytes) -> list[Rows]:
    """Return the sheets of a file that hold anything, a CSV file being one. Raises: Unreadable, Unclosed."""
    if isinstance(content, bytes) and content.startswith(_OLD_WORKBOOK):
        raise Unreadable('Tệp .xls kiểu cũ. Mở bằng Excel, chọn "Lưu dưới dạng" kiểu .xlsx, rồi nhập lại.')
    if isinstance(content, bytes) and content.startswith(_PACKED):
        return _packed(content)
    text = content if isinstance(content, str) else encodings.text_of(content)
    if "\x00" in text:
        raise Unreadable("Tệp có ký tự rỗng, không phải CSV. Lưu lại bằng kiểu CSV UTF-8 rồi nhập lại.")
    return [_csv(text.removeprefix("\ufeff"))]


def _csv(text: str) -> Rows:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_separator(text))
    rows: list[Sequence[str]] = []
    try:
        rows.extend(lines)
    except csv.Error as error:
        raise Unclosed(rows, line=lines.line_num, why=str(error)) from error
    return rows


def _separator(text: str) -> str:
    """Return what separates the cells of the header: a spreadsheet set to Vietnamese writes semicolons."""
    header = text.partition("\n")[0]
    return max(_SEPARATORS, key=header.count)


def _packed(content: bytes) -> list[Rows]:
    """Return the sheets of a workbook, or those of the CSV files packed together."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
                raise Unreadable("Tệp quá lớn khi mở ra. Chia thành nhiều tệp rồi nhập từng tệp.")
            names = sorted(name for name in packed.namelist() if name.lower().endswith(".csv"))
            if names:
                return [_csv(encodings.text_of(packed.read(name)).removeprefix("\ufeff")) for name in names]
        return _workbook(content)
    except (zipfile.BadZipFile, python_calamine.CalamineError, OSError, EOFError, zlib.error) as error:
        raise Unreadable("Không mở được tệp Excel hoặc ZIP này. Mở bằng Excel, lưu lại kiểu .xlsx.") from error


def _workbook(content: bytes) -> list[Rows]:
    book = python_calamine.load_workbook(io.BytesIO(content))
    sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    filled: list[Rows] = [[[_words(cell) for cell in row] for row in sheet] for sheet in sheets if sheet]
    return filled or [[]]


def _words(cell: object) -> str:
    """Return a cell of a workbook as somebody would type it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
