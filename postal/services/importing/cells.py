"""Cells as values. A cell that cannot be used is refused with a sentence for the person who will mend the file."""

import re
from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from typing import TypeVar

from postal.services.importing.report import WrongCell
from postal.services.importing.table import Cells

E = TypeVar("E", bound=Enum)

_EARLIEST, _LATEST = 1900, 2199
"""Years that a rule may name; 9999 is how other programs write that nobody knows the end."""

_PROCEDURE_CODE = re.compile(r"\d\.\d{6}(\.H\d{2})?|\d\.\d{6}(\.\d{2,3}){3,4}\.H\d{2}")
_OFFICE_CODE = re.compile(r"\d{6}")
_PLACE_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
_UNIT_CODE = re.compile(r"\d{5}")
_PROVINCE_CODE = re.compile(r"\d{2}")
_YES = {"yes": True, "có": True, "no": False, "không": False}


def need(cells: Cells, column: str, what: str) -> str:
    """Return a cell that must not be empty. Raises: WrongCell."""
    if not cells[column]:
        raise WrongCell(column, f"Thiếu {what}. Điền vào ô này.")
    return cells[column]


def procedure_code(cells: Cells, column: str) -> str:
    """Return a procedure's code. Raises: WrongCell."""
    return _matching(cells, column, _PROCEDURE_CODE, "mã thủ tục, ví dụ 2.000635")


def office_code(cells: Cells, column: str) -> str:
    """Return a post office's code. Raises: WrongCell."""
    return _matching(cells, column, _OFFICE_CODE, "mã bưu cục 6 số")


def place_code(cells: Cells, column: str) -> str:
    """Return the code of a desk or a department. Raises: WrongCell."""
    return _matching(cells, column, _PLACE_CODE, "mã cơ quan, ví dụ MC-20242 hoặc SO-48-TP")


def successor(cells: Cells) -> str:
    """Return the code of the place that continues this one; files from before this column have none.

    Raises: WrongCell.
    """
    value = cells.get("successor", "")
    if value and value == cells["code"]:
        raise WrongCell("successor", "Nơi kế thừa không thể là chính nơi này. Điền mã nơi khác, hoặc để trống.")
    if value and not cells["valid_to"]:
        raise WrongCell("successor", "Có nơi kế thừa thì phải có ngày cuối hoạt động. Điền cột valid_to.")
    return value


def commune_and_province(
    cells: Cells, communes: Mapping[str, str] | None, *, commune_column: str, province_column: str
) -> tuple[str | None, str | None]:
    """Return a commune's and a province's code that belong together, None where unknown.

    `communes` maps known commune codes to provinces; without it no commune is checked. Raises: WrongCell.
    """
    commune = _matching(cells, commune_column, _UNIT_CODE, "mã xã 5 số") if cells[commune_column] else None
    province = _matching(cells, province_column, _PROVINCE_CODE, "mã tỉnh 2 số") if cells[province_column] else None
    if commune is None or communes is None:
        return commune, province
    if commune not in communes:
        raise WrongCell(commune_column, f"Không có xã, phường nào mã {commune} từ 01/7/2025. Chọn mã xã, phường mới.")
    if province is not None and communes[commune] != province:
        message = f"Xã, phường {commune} thuộc tỉnh {communes[commune]}, không phải {province}. Sửa lại."
        raise WrongCell(province_column, message)
    return commune, communes[commune]


def whole(cells: Cells, column: str, *, lowest: int, highest: int) -> int | None:
    """Return a whole number, or None for an empty cell. Raises: WrongCell."""
    value = cells[column]
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise WrongCell(column, f'"{value}" không phải số nguyên từ {lowest} đến {highest}. Sửa lại ô này.')
    return int(value)


def latitude(cells: Cells, column: str = "lat") -> float | None:
    """Return a latitude in Vietnam, or None for an empty cell. Raises: WrongCell."""
    return _degrees(cells, column, lowest=7, highest=24)


def longitude(cells: Cells, column: str = "lon") -> float | None:
    """Return a longitude in Vietnam, or None for an empty cell. Raises: WrongCell."""
    return _degrees(cells, column, lowest=102, highest=118)


def span(cells: Cells) -> tuple[date | None, date | None]:
    """Return the first and the last day a row is valid. Raises: WrongCell."""
    begins, ends = day(cells, "valid_from"), day(cells, "valid_to")
    if begins and ends and ends < begins:
        raise WrongCell("valid_to", f"Ngày cuối {ends} trước ngày đầu {begins}. Sửa một trong hai.")
    return begins, ends


def time_of_day(cells: Cells, column: str, what: str) -> time:
    """Return a time of day. Raises: WrongCell."""
    try:
        return time.fromisoformat(need(cells, column, what))
    except ValueError as error:
        raise WrongCell(column, f'"{cells[column]}" không phải giờ. Viết dạng 15:00.') from error


def yes_or_none(cells: Cells, column: str) -> bool | None:
    """Return yes or no, or None for an empty cell: nobody knows yet. Raises: WrongCell."""
    value = cells[column].casefold()
    if not value:
        return None
    if value not in _YES:
        raise WrongCell(column, f'"{cells[column]}" không phải yes hoặc no. Sửa lại, hoặc để trống nếu chưa biết.')
    return _YES[value]


def choice(cells: Cells, column: str, kind: type[E]) -> E | None:
    """Return the member of an enum a cell names, or None for an empty cell. Raises: WrongCell."""
    value = cells[column]
    if not value:
        return None
    try:
        return kind(value)
    except ValueError as error:
        allowed = ", ".join(str(member.value) for member in kind)
        raise WrongCell(column, f'"{value}" không dùng được. Chọn một trong: {allowed}.') from error


def _matching(cells: Cells, column: str, pattern: re.Pattern[str], what: str) -> str:
    value = need(cells, column, what)
    if not pattern.fullmatch(value):
        raise WrongCell(column, f'"{value}" không đúng dạng {what}. Sửa lại; số 0 ở đầu không được mất.')
    return value


def _degrees(cells: Cells, column: str, *, lowest: float, highest: float) -> float | None:
    value = cells[column]
    if not value:
        return None
    try:
        degrees = float(value)
    except ValueError as error:
        raise WrongCell(column, f'"{value}" không phải tọa độ. Viết dạng 16.0762, dùng dấu chấm.') from error
    if not lowest <= degrees <= highest:
        raise WrongCell(column, f'"{value}" nằm ngoài Việt Nam. Xem vĩ độ và kinh độ có bị đổi chỗ không.')
    return degrees


def day(cells: Cells, column: str) -> date | None:
    """Return a day, or None for an empty cell. Raises: WrongCell."""
    value = cells[column]
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError as error:
        raise WrongCell(column, f'"{value}" không phải ngày. Viết dạng 2025-07-01.') from error
    if not _EARLIEST <= found.year <= _LATEST:
        message = f'"{value}": năm phải từ {_EARLIEST} đến {_LATEST}. Chưa biết ngày cuối thì để trống.'
        raise WrongCell(column, message)
    return found
