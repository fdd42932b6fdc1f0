"""The public list of post offices. A mobile number there may be an employee's own and is left out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from postal.domain.places import Place, PlaceKind, Precision
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, RowError, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = (
    "code", "name", "province", "district", "ward", "detailAddress", "phone", "lat", "lon", "precision",
    "new_ward_code", "new_province_code",
)  # fmt: skip
BASIS = "Danh sách bưu cục công khai 2020"

_PRECISION = {
    "exact": Precision.EXACT,
    "ward": Precision.COMMUNE,
    "district": Precision.DISTRICT,
    "none": Precision.NONE,
    "": Precision.NONE,
}


def places(table: Table, communes: Mapping[str, str] | None) -> ImportReport[Place]:
    """Read an office from each row, with notes on what is doubtful about it."""
    report = formats.each(table, "post-list", lambda cells: _office(cells, communes), key=lambda place: place.code)
    kept_out = {error.row for error in report.errors}
    notes = tuple(note for number, cells in table.rows if number not in kept_out for note in _doubts(number, cells))
    return replace(report, notes=notes)


def _office(cells: Cells, communes: Mapping[str, str] | None) -> Place:
    commune, province = cell.commune_and_province(
        cells, communes, commune_column="new_ward_code", province_column="new_province_code"
    )
    lat, lon = cell.latitude(cells), cell.longitude(cells)
    return Place(
        code=cell.office_code(cells, "code"),
        kind=PlaceKind.OFFICE,
        name=cell.need(cells, "name", "tên bưu cục"),
        unit=commune,
        province_code=province,
        address=_address(cells),
        phone=_landline(cells["phone"]),
        lat=lat,
        lon=lon,
        precision=_precision(cells),
        basis=f"{BASIS} (mã, tên, địa chỉ)",
    )


def _address(cells: Cells) -> str:
    """Return the address, with the units of its time in brackets."""
    old = ", ".join(part for part in (cells["ward"], cells["district"], cells["province"]) if part)
    return ", ".join(part for part in (cells["detailAddress"], f"({old})" if old else "") if part)


def _precision(cells: Cells) -> Precision:
    found = _PRECISION.get(cells["precision"])
    if found is None:
        raise WrongCell("precision", f'"{cells["precision"]}" không dùng được. Chọn ward, district hoặc none.')
    return found


def _landline(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    national = digits if digits.startswith("0") else f"0{digits}"
    return national if re.fullmatch(r"02\d{8,9}", national) else ""


def _doubts(number: int, cells: Cells) -> Iterator[RowError]:
    if not cells["new_ward_code"]:
        yield RowError(row=number, column="new_ward_code", message="Chưa rõ xã, phường mới. Điền sau trong danh mục.")
    if cells["phone"] and not _landline(cells["phone"]):
        message = (
            "Không nhập số này: thiếu mã vùng, hoặc là số di động có thể của cá nhân. Điền số cố định của bưu cục."
        )
        yield RowError(row=number, column="phone", message=message)
