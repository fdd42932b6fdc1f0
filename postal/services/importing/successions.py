"""Lineage of units: which commune was renamed, merged or divided, from when."""

from postal.domain.lineage import Fate, Succession
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "unit", "fate", "successors", "name", "valid_from", "basis")


def read_successions(text: str | bytes) -> ImportReport[Succession]:
    """Read what became of communes from our own format; several successors stand with a space between them."""
    return formats.read(text, {"successions": (COLUMNS, _successions)})


def _successions(table: Table) -> ImportReport[Succession]:
    return formats.each(table, "successions", _succession, key=lambda succession: succession.code)


def _succession(cells: Cells) -> Succession:
    begins = cell.day(cells, "valid_from")
    fate = cell.choice(cells, "fate", Fate)
    if begins is None:
        raise WrongCell("valid_from", "Thiếu ngày có hiệu lực. Viết dạng 2026-12-01.")
    if fate is None:
        raise WrongCell("fate", "Thiếu việc đã xảy ra. Ghi renamed, merged hoặc split.")
    return Succession(
        code=cell.need(cells, "code", "mã dòng"),
        unit=cell.need(cells, "unit", "mã xã, phường"),
        fate=fate,
        successors=tuple(cells["successors"].split()),
        name=cells["name"],
        valid_from=begins,
        basis=cell.need(cells, "basis", "căn cứ"),
    )
