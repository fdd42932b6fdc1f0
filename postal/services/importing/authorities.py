"""Authorities: one-stop desks and competent departments, with who continues the work of one that was merged."""

from collections.abc import Mapping

from postal.domain.places import Level, Place, PlaceKind, Precision
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = (
    "code", "kind", "name", "unit", "province", "level", "department", "address", "lat", "lon", "precision", "parent",
    "basis", "valid_from", "valid_to", "successor",
)  # fmt: skip


def read_authorities(text: str | bytes, *, communes: Mapping[str, str] | None = None) -> ImportReport[Place]:
    """Read desks and departments. `communes` maps known commune codes to provinces."""

    def own(table: Table) -> ImportReport[Place]:
        return formats.each(table, "authorities", lambda cells: _place(cells, communes), key=lambda place: place.code)

    return formats.read(text, {"authorities": (COLUMNS, own)})


def _place(cells: Cells, communes: Mapping[str, str] | None) -> Place:
    begins, ends = cell.span(cells)
    commune, province = cell.commune_and_province(cells, communes, commune_column="unit", province_column="province")
    return Place(
        code=cell.place_code(cells, "code"),
        kind=_kind(cells),
        name=cell.need(cells, "name", "tên cơ quan"),
        unit=commune,
        province_code=province,
        address=cells["address"],
        lat=cell.latitude(cells),
        lon=cell.longitude(cells),
        precision=cell.choice(cells, "precision", Precision) or Precision.NONE,
        level=cell.choice(cells, "level", Level),
        department=cells["department"] or None,
        parent=cells["parent"] or None,
        basis=cell.need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
        successor=cell.successor(cells),
    )


def _kind(cells: Cells) -> PlaceKind:
    kind = cell.choice(cells, "kind", PlaceKind)
    if kind not in (PlaceKind.DESK, PlaceKind.DEPARTMENT):
        raise WrongCell("kind", "Loại cơ quan phải là desk (Một cửa) hoặc department (cơ quan giải quyết). Sửa lại.")
    return kind
