"""Lanes: how mail goes from one place to another."""

from postal.domain.places import Lane
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "origin", "destination", "carrier", "tier_days", "cutoff", "basis", "valid_from", "valid_to")


def read_lanes(text: str | bytes) -> ImportReport[Lane]:
    """Read lanes from our own format."""
    return formats.read(text, {"lanes": (COLUMNS, _lanes)})


def _lanes(table: Table) -> ImportReport[Lane]:
    return formats.each(table, "lanes", _lane, key=lambda lane: lane.code)


def _lane(cells: Cells) -> Lane:
    begins, ends = cell.span(cells)
    tier = cell.whole(cells, "tier_days", lowest=1, highest=30)
    if tier is None:
        raise WrongCell("tier_days", "Thiếu mức J+n. Điền số ngày làm việc.")
    cutoff = cell.time_of_day(cells, "cutoff", "giờ chốt")
    return Lane(
        code=cell.need(cells, "code", "mã tuyến"),
        origin=cell.need(cells, "origin", "nơi đi"),
        destination=cell.need(cells, "destination", "nơi đến"),
        carrier=cell.need(cells, "carrier", "đơn vị chuyển"),
        tier_days=tier,
        cutoff=cutoff,
        basis=cell.need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
    )
