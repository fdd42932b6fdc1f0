"""Post offices: our own format, told apart from the public list."""

import re
from collections.abc import Mapping

from postal.domain.places import OfficeType, Place, PlaceKind, Precision
from postal.services.importing import cells as cell
from postal.services.importing import formats, public_offices
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = (
    "code", "name", "office_type", "unit", "province", "address", "phone", "lat", "lon", "precision", "delivers",
    "parent", "basis", "valid_from", "valid_to",
)  # fmt: skip


def read_offices(text: str | bytes, *, communes: Mapping[str, str] | None = None) -> ImportReport[Place]:
    """Read post offices from our own format or the public list. `communes` maps known commune codes to provinces."""

    def own(table: Table) -> ImportReport[Place]:
        return formats.each(table, "offices", lambda cells: _office(cells, communes), key=lambda place: place.code)

    def public(table: Table) -> ImportReport[Place]:
        return public_offices.places(table, communes)

    return formats.read(text, {"offices": (COLUMNS, own), "post-list": (public_offices.COLUMNS, public)})


def _office(cells: Cells, communes: Mapping[str, str] | None) -> Place:
    begins, ends = cell.span(cells)
    commune, province = cell.commune_and_province(cells, communes, commune_column="unit", province_column="province")
    return Place(
        code=cell.office_code(cells, "code"),
        kind=PlaceKind.OFFICE,
        name=cell.need(cells, "name", "tên bưu cục"),
        unit=commune,
        province_code=province,
        address=cells["address"],
        phone=_phone(cells),
        lat=cell.latitude(cells),
        lon=cell.longitude(cells),
        precision=cell.choice(cells, "precision", Precision) or Precision.NONE,
        office_type=cell.choice(cells, "office_type", OfficeType),
        delivers=cell.yes_or_none(cells, "delivers") or False,
        parent=cells["parent"] or None,
        basis=cell.need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
        successor=cell.successor(cells),
    )


def _phone(cells: Cells) -> str:
    digits = re.sub(r"[\s.()-]", "", cells["phone"])
    if digits and not re.fullmatch(r"\+?\d{7,12}", digits):
        raise WrongCell("phone", f'"{cells["phone"]}" không phải số điện thoại. Viết đủ mã vùng, ví dụ 02363832299.')
    return digits
