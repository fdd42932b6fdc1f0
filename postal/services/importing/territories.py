"""Territories: the standing rounds of postmen, with their stretches in order, their drivers by date and their hours."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from postal.domain.places import (
    USUAL_EQUIPMENT,
    USUAL_WORKING_TIME,
    VEHICLE_NAMES,
    Area,
    Assignment,
    Equipment,
    Pause,
    Territory,
    VehicleKind,
    WorkingTime,
)
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "name", "office", "postman", "communes", "basis")
MORE_COLUMNS = (
    "areas",
    "assignments",
    "valid_from",
    "valid_to",
    "opens",
    "closes",
    "longest_minutes",
    "hours_basis",
    "vehicle",
    "plate",
    "capacity",
    "reloads",
    "break_opens",
    "break_closes",
    "break_minutes",
    "vehicle_basis",
)
"""What a file may say besides; older files do not."""

_AREA = re.compile(r"(?P<commune>\d{5})\s*(:\s*(?P<part>.+))?")
_ASSIGNMENT = re.compile(r"(?P<postman>\S+)(\s+(?P<first>\d{4}-\d\d-\d\d)?\s*\.\.\s*(?P<last>\d{4}-\d\d-\d\d)?)?")


def read_territories(
    text: str | bytes,
    *,
    communes: Mapping[str, str] | None = None,
    is_office: Callable[[str], bool] = lambda _: True,
) -> ImportReport[Territory]:
    """Read postmen's rounds from our own format; `communes` are those there are, without it none is checked."""

    def territory(row: Cells) -> Territory:
        return _territory(row, communes=communes, is_office=is_office)

    def territories(table: Table) -> ImportReport[Territory]:
        return formats.each(table, "territories", territory, key=lambda round_: round_.code)

    return formats.read(text, {"territories": (COLUMNS, territories)}, optional=MORE_COLUMNS)


def _territory(row: Cells, *, communes: Mapping[str, str] | None, is_office: Callable[[str], bool]) -> Territory:
    cells = {**dict.fromkeys(MORE_COLUMNS, ""), **row}
    areas = tuple(_areas(cells))
    begins, ends = cell.span(cells)
    return Territory(
        code=cell.need(cells, "code", "mã tuyến phát"),
        name=cell.need(cells, "name", "tên tuyến phát"),
        office=_office(cells, is_office),
        postman=cells["postman"] or None,
        communes=_communes(cells, areas, communes),
        basis=cell.need(cells, "basis", "căn cứ"),
        areas=areas,
        assignments=tuple(_assignments(cells)),
        valid_from=begins,
        valid_to=ends,
        working_time=_working_time(cells),
        equipment=_equipment(cells),
    )


def _office(cells: Cells, is_office: Callable[[str], bool]) -> str:
    code = cell.office_code(cells, "office")
    if not is_office(code):
        raise WrongCell("office", f"Chưa có bưu cục {code} trong danh mục. Nhập bưu cục trước, hoặc sửa mã.")
    return code


def _communes(cells: Cells, areas: tuple[Area, ...], known: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the communes a round visits, those of its stretches where it names some. Raises: WrongCell."""
    visited = tuple(dict.fromkeys(area.commune for area in areas))
    named = tuple(cells["communes"].split()) if visited else tuple(_needed(cells).split())
    if visited and set(named) - set(visited):
        raise WrongCell("communes", "Cột areas không nhắc đến xã này. Bổ sung vào areas, hoặc để trống cột communes.")
    gone = [code for code in visited or named if known is not None and code not in known]
    if gone:
        raise WrongCell("areas" if visited else "communes", f"Không có xã, phường mã {gone[0]} từ 01/7/2025. Sửa mã.")
    return visited or named


def _needed(cells: Cells) -> str:
    return cell.need(cells, "communes", "danh sách xã, phường")


def _areas(cells: Cells) -> Iterator[Area]:
    """Yield the stretches of a cell like `20242: Thôn 3; 20242; 20257`. Raises: WrongCell."""
    for text in _parts(cells["areas"]):
        match = _AREA.fullmatch(text)
        if match is None:
            raise WrongCell("areas", f'"{text}" không đúng dạng. Viết mã xã 5 số, hoặc 20242: Thôn 3; cách nhau dấu ;')
        yield Area(match["commune"], (match["part"] or "").strip())


def _assignments(cells: Cells) -> Iterator[Assignment]:
    """Yield the drivers of a cell like `buuta1 2026-01-01..2026-06-30; buuta2 2026-07-01..`. Raises: WrongCell."""
    for text in _parts(cells["assignments"]):
        match = _ASSIGNMENT.fullmatch(text)
        if match is None:
            raise WrongCell("assignments", f'"{text}" không đúng dạng. Viết: buuta1 2026-01-01..2026-06-30')
        begins, ends = _day(match["first"]), _day(match["last"])
        if begins and ends and ends < begins:
            raise WrongCell("assignments", f'"{text}": ngày cuối trước ngày đầu. Sửa một trong hai.')
        yield Assignment(postman=match["postman"], valid_from=begins, valid_to=ends)


def _working_time(cells: Cells) -> WorkingTime:
    """Return the hours of a round; what a file leaves out is the usual. Raises: WrongCell."""
    longest = cell.whole(cells, "longest_minutes", lowest=30, highest=720)
    opens, closes = cells["opens"], cells["closes"]
    if not (opens or closes or longest):
        return USUAL_WORKING_TIME
    found = replace(USUAL_WORKING_TIME, basis=cell.need(cells, "hours_basis", "căn cứ của giờ làm việc"))
    if opens:
        found = replace(found, opens=cell.time_of_day(cells, "opens", "giờ bắt đầu"))
    if closes:
        found = replace(found, closes=cell.time_of_day(cells, "closes", "giờ kết thúc"))
    if found.closes <= found.opens:
        raise WrongCell("closes", "Giờ kết thúc không sau giờ bắt đầu. Sửa một trong hai.")
    return replace(found, longest_minutes=longest or found.longest_minutes)


def _equipment(cells: Cells) -> Equipment:
    """Return what a round is driven with; what a file leaves out is the usual. Raises: WrongCell."""
    said = ("vehicle", "plate", "capacity", "reloads", "break_opens", "break_closes", "break_minutes")
    if not any(cells[column] for column in said):
        return USUAL_EQUIPMENT
    return Equipment(
        kind=_kind(cells),
        plate=cells["plate"],
        capacity=cell.whole(cells, "capacity", lowest=1, highest=10_000),
        reloads=cell.whole(cells, "reloads", lowest=0, highest=20) or 0,
        pause=_pause(cells),
        basis=cell.need(cells, "vehicle_basis", "căn cứ của phương tiện và giờ nghỉ"),
    )


def _kind(cells: Cells) -> VehicleKind:
    names = {name: kind for kind, name in VEHICLE_NAMES.items()} | {kind.value: kind for kind in VehicleKind}
    found = names.get(cells["vehicle"].lower() or VehicleKind.MOTORBIKE.value)
    if found is None:
        raise WrongCell(
            "vehicle", f'Không có phương tiện "{cells["vehicle"]}". Viết: {", ".join(VEHICLE_NAMES.values())}.'
        )
    return found


def _pause(cells: Cells) -> Pause | None:
    """Return the break of a round, None where it has none. Raises: WrongCell."""
    minutes = cell.whole(cells, "break_minutes", lowest=5, highest=180)
    if not (minutes or cells["break_opens"] or cells["break_closes"]):
        return None
    if not minutes:
        raise WrongCell("break_minutes", "Thiếu số phút nghỉ. Viết số phút, hoặc để trống cả giờ nghỉ.")
    opens = cell.time_of_day(cells, "break_opens", "giờ nghỉ sớm nhất")
    closes = cell.time_of_day(cells, "break_closes", "giờ nghỉ muộn nhất")
    if closes < opens:
        raise WrongCell("break_closes", "Giờ nghỉ muộn nhất trước giờ nghỉ sớm nhất. Sửa một trong hai.")
    return Pause(opens=opens, closes=closes, minutes=minutes)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongCell("assignments", f'"{text}" không phải ngày. Viết dạng 2026-07-01.') from error


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(";") if part.strip())
