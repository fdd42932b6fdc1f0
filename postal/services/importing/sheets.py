"""A file as sheets of rows of cells: CSV whatever separates its cells, several CSV in a ZIP, an Excel workbook."""

import csv
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Sequence
from itertools import islice

from postal.services.importing import encodings, workbook_reader
from postal.services.importing.report import Unreadable

Rows = Sequence[Sequence[str]]

LARGEST_UNPACKED = 200 * 1024 * 1024
"""Bytes of a workbook once it is unpacked."""

LARGEST_CSV = 64 * 1024 * 1024
"""Bytes of a CSV file: the national lists have two million."""

SECONDS = 60
"""How long a workbook may take to be read."""

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


def read(content: str | bytes, *, most: int) -> list[Rows]:
    """Return the first `most` rows of each sheet that holds anything, a CSV file being one.

    Raises: Unreadable, Unclosed.
    """
    if isinstance(content, bytes) and content.startswith(_OLD_WORKBOOK):
        raise Unreadable('Tệp .xls kiểu cũ. Mở bằng Excel, chọn "Lưu dưới dạng" kiểu .xlsx, rồi nhập lại.')
    if isinstance(content, bytes) and content.startswith(_PACKED):
        return _packed(content, most=most)
    if len(content) > LARGEST_CSV:
        raise Unreadable(_TOO_LARGE)
    text = content if isinstance(content, str) else encodings.text_of(content)
    if "\x00" in text:
        raise Unreadable("Tệp có ký tự rỗng, không phải CSV. Lưu lại bằng kiểu CSV UTF-8 rồi nhập lại.")
    return [_csv(text.removeprefix("\ufeff"), most=most)]


_TOO_LARGE = f"Tệp lớn hơn {LARGEST_CSV // 1024**2} MB. Chia thành nhiều tệp rồi nhập từng tệp."


def _csv(text: str, *, most: int) -> Rows:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_separator(text))
    rows: list[Sequence[str]] = []
    try:
        rows.extend(islice(lines, most))
    except csv.Error as error:
        raise Unclosed(rows, line=lines.line_num, why=str(error)) from error
    return rows


def _separator(text: str) -> str:
    """Return what separates the cells of the header: a spreadsheet set to Vietnamese writes semicolons."""
    header = text.partition("\n")[0]
    return max(_SEPARATORS, key=header.count)


def _packed(content: bytes, *, most: int) -> list[Rows]:
    """Return the sheets of a workbook, or those of the CSV files packed together."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
                raise Unreadable("Tệp quá lớn khi mở ra. Chia thành nhiều tệp rồi nhập từng tệp.")
            names = sorted(name for name in packed.namelist() if name.lower().endswith(".csv"))
            if names:
                return [_csv(_text(packed.read(name)), most=most) for name in names]
        return _workbook(content, most=most)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise Unreadable(_NOT_OPENED) from error


_NOT_OPENED = "Không mở được tệp Excel hoặc ZIP này. Mở bằng Excel, lưu lại kiểu .xlsx."


def _text(content: bytes) -> str:
    if len(content) > LARGEST_CSV:
        raise Unreadable(_TOO_LARGE)
    return encodings.text_of(content).removeprefix("\ufeff")


def _workbook(content: bytes, *, most: int) -> list[Rows]:
    """Return the sheets of a workbook; a hostile one breaks the process that reads it, and nothing else."""
    command = [sys.executable, "-I", workbook_reader.__file__, str(most)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by its path
            command, input=content, capture_output=True, env={}, timeout=SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise Unreadable(_NOT_OPENED if error.returncode == workbook_reader.NO_WORKBOOK else _TOO_WIDE) from error
    except subprocess.TimeoutExpired as error:
        raise Unreadable(_TOO_WIDE) from error
    filled: list[Rows] = json.loads(done.stdout)
    return filled or [[]]


_TOO_WIDE = (
    "Trang tính quá rộng hoặc quá dài nên không đọc. Trong Excel xóa các ô ở xa bảng (Ctrl+End cho thấy ô cuối), "
    "hoặc lưu kiểu CSV UTF-8, rồi nhập lại."
)
