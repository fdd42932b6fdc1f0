"""Price tables: postage by service, area and weight, and fees of the state by procedure."""

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from postal.domain import tariffs
from postal.domain.events import Service
from postal.domain.refusals import Refused
from postal.domain.tariffs import FractionOfADong, NotAPrice, PostagePrice, StateFee
from postal.domain.typed import MOST_MONEY
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, RowError, WrongCell
from postal.services.importing.table import Cells, Table

POSTAGE_COLUMNS = (
    "service",
    "area",
    "over_g",
    "up_to_g",
    "amount",
    "decision",
    "basis",
    "valid_from",
    "valid_to",
)
FEE_COLUMNS = (
    "procedure",
    "version",
    "name",
    "case",
    "amount",
    "decision",
    "basis",
    "valid_from",
    "valid_to",
)
POSTAGE, FEES = "postage", "fees"
HEAVIEST_G = 1_000_000
MOST_VERSIONS = 10_000

P = TypeVar("P", bound=PostagePrice | StateFee)

_WHOLE = re.compile(r"-?(?:[0-9]{1,3}(?P<mark>[., ])[0-9]{3}(?:(?P=mark)[0-9]{3})*|[0-9]+)")
"""One kind of mark between thousands: in `30.000,000` the comma begins a fraction."""
_FRACTION = re.compile(r"-?[0-9][0-9.,]*[.,][0-9]+")


def read_tariffs(text: str | bytes) -> ImportReport[tuple[int, PostagePrice | StateFee]]:
    """Read prices from our own two formats, each with the number of its row."""
    return formats.read(text, {POSTAGE: (POSTAGE_COLUMNS, _postage), FEES: (FEE_COLUMNS, _fees)})


def _postage(table: Table) -> ImportReport[tuple[int, PostagePrice | StateFee]]:
    return _each(table, POSTAGE, _price)


def _fees(table: Table) -> ImportReport[tuple[int, PostagePrice | StateFee]]:
    return _each(table, FEES, _fee)


def _each(table: Table, kind: str, build: Callable[[Cells], P]) -> ImportReport[tuple[int, PostagePrice | StateFee]]:
    made: list[tuple[int, PostagePrice | StateFee]] = []
    errors: list[RowError] = []
    first_at: dict[str, int] = {}
    for number, cells in table.rows:
        try:
            price = build(cells)
            first = first_at.setdefault(price.key, number)
            if first != number:
                raise WrongCell("valid_from", f"Dòng này trùng với dòng {first}. Xóa một trong hai dòng.")
            made.append((number, price))
        except WrongCell as problem:
            errors.append(problem.at(number))
    return ImportReport(kind=kind, rows=tuple(made), errors=tuple(errors))


def _price(cells: Cells) -> PostagePrice:
    service = cell.choice(cells, "service", Service)
    if service is None:
        raise WrongCell("service", "Thiếu dịch vụ. Ghi send (gửi), receive (nhận) hoặc both (gửi và nhận).")
    begins, ends = _span(cells)
    return PostagePrice(
        service=service,
        area=_area(cells),
        over_g=_grams(cells, "over_g"),
        up_to_g=_grams(cells, "up_to_g"),
        amount=_amount(cells),
        decision=cell.need(cells, "decision", "số quyết định"),
        basis=cell.need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
    )


def _fee(cells: Cells) -> StateFee:
    begins, ends = _span(cells)
    return StateFee(
        procedure=cell.procedure_code(cells, "procedure"),
        version=cell.whole(cells, "version", lowest=0, highest=MOST_VERSIONS) or 0,
        name=cell.need(cells, "name", "tên phí, lệ phí")[:200],
        case=cells["case"][:200],
        amount=_amount(cells),
        decision=cell.need(cells, "decision", "số quyết định"),
        basis=cell.need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
    )


def _span(cells: Cells) -> tuple[date, date | None]:
    begins, ends = cell.span(cells)
    if begins is None:
        raise WrongCell("valid_from", "Thiếu ngày bắt đầu áp dụng. Viết dạng 2027-01-01.")
    return begins, ends


def _area(cells: Cells) -> str:
    try:
        return tariffs.parse_area(cell.need(cells, "area", "khu vực"))
    except Refused as refused:
        raise WrongCell("area", str(refused)) from refused


def _grams(cells: Cells, column: str) -> int:
    found = cell.whole(cells, column, lowest=0, highest=HEAVIEST_G)
    if found is None:
        raise WrongCell(column, "Thiếu khối lượng. Ghi số gam, nấc đầu bắt đầu từ 0.")
    return found


def _amount(cells: Cells) -> int:
    """Return whole đồng above 0; what is no sum, a fraction, or nothing is refused by name."""
    text = cell.need(cells, "amount", "số tiền")
    try:
        return _whole(text)
    except Refused as refused:
        raise WrongCell("amount", str(refused)) from refused


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        if _FRACTION.fullmatch(text):
            raise FractionOfADong(text=text[:20])
        raise WrongCell("amount", f'"{text[:20]}" không phải số tiền. Ghi số đồng nguyên, ví dụ 30000.')
    amount = int(re.sub(r"[., ]", "", text)[:20])
    if amount <= 0:
        raise NotAPrice(amount=amount)
    if amount > MOST_MONEY:
        raise WrongCell("amount", f"Số tiền vượt {MOST_MONEY} đồng. Xem lại ô này.")
    return amount
