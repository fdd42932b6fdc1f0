"""Delegations: which authority lets which unit decide what, between two days."""

from postal.domain.delegations import Delegation
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "authority", "delegate", "procedure", "field", "desk", "basis", "valid_from", "valid_to")


def read_delegations(text: str | bytes) -> ImportReport[Delegation]:
    """Read delegations from our own format."""
    return formats.read(text, {"delegations": (COLUMNS, _delegations)})


def _delegations(table: Table) -> ImportReport[Delegation]:
    return formats.each(table, "delegations", _delegation, key=lambda delegation: delegation.code)


def _delegation(cells: Cells) -> Delegation:
    begins, ends = cell.span(cells)
    if begins is None:
        raise WrongCell("valid_from", "Thiếu ngày đầu của ủy quyền. Viết dạng 2026-12-01.")
    return Delegation(
        code=cell.need(cells, "code", "mã ủy quyền"),
        authority=cell.place_code(cells, "authority"),
        delegate=cell.place_code(cells, "delegate"),
        procedure=cell.procedure_code(cells, "procedure") if cells["procedure"] else "",
        field=cells["field"],
        desk=cell.place_code(cells, "desk") if cells["desk"] else "",
        basis=cell.need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
    )
