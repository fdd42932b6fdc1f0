"""Territories: the standing rounds of postmen."""

from postal.domain.places import Territory
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "name", "office", "postman", "communes", "basis")


def read_territories(text: str | bytes) -> ImportReport[Territory]:
    """Read postmen's rounds from our own format."""
    return formats.read(text, {"territories": (COLUMNS, _territories)})


def _territories(table: Table) -> ImportReport[Territory]:
    return formats.each(table, "territories", _territory, key=lambda territory: territory.code)


def _territory(cells: Cells) -> Territory:
    return Territory(
        code=cell.need(cells, "code", "mã tuyến phát"),
        name=cell.need(cells, "name", "tên tuyến phát"),
        office=cell.office_code(cells, "office"),
        postman=cells["postman"] or None,
        communes=tuple(cell.need(cells, "communes", "danh sách xã, phường").split()),
        basis=cell.need(cells, "basis", "căn cứ"),
    )
