"""The national list of time limits: several rows per procedure, one per channel."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postal.domain.clocks import Limit, Unit
from postal.domain.procedures import ProcedureStatus, ProcedureVersion
from postal.services.importing import cells as cell
from postal.services.importing.report import ImportReport, RowError, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "name", "level", "field", "channel", "duration_text", "duration_number", "duration_unit")
BASIS = "Danh mục TTHC quốc gia 2025 (mã, cấp, thời hạn)"
POST_CHANNEL = "Dịch vụ bưu chính"

_FIELDS = frozenset({"name", "level", "field", "limit", "limit_text", "carriable", "result_carriable"})
_LIMIT_TEXT = re.compile(
    r"(?:Không quá )?0*(\d{1,3}) (ngày làm việc|ngày|giờ làm việc|giờ)\.?(?: ngày)?", re.IGNORECASE
)
_LIMIT_WORDS = {
    "ngày làm việc": Unit.WORKING_DAYS,
    "ngày": Unit.CALENDAR_DAYS,
    "giờ": Unit.HOURS,
    "giờ làm việc": Unit.HOURS,
}
_SAYS_NOTHING = {"", "n/a", "không có thông tin"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Duration:
    """One row of the list: a channel of a procedure."""

    row: int
    code: str
    name: str
    level: str
    field: str
    channel: str
    limit: Limit | None
    text: str


def versions(table: Table) -> ImportReport[ProcedureVersion]:
    """Read one version per code from its rows by channel; the public post's own limit is the one that counts."""
    errors: list[RowError] = []
    by_code: dict[str, list[_Duration]] = {}
    for number, cells in table.rows:
        try:
            duration = _duration(number, cells)
            by_code.setdefault(duration.code, []).append(duration)
        except WrongCell as problem:
            errors.append(problem.at(number))
    return ImportReport(
        kind="durations",
        rows=tuple(map(_version, by_code.values())),
        errors=tuple(errors),
        notes=tuple(note for rows in by_code.values() for note in _conflicts(rows)),
        fields=_FIELDS,
        lines=tuple(rows[0].row for rows in by_code.values()),
    )


def _duration(number: int, cells: Cells) -> _Duration:
    text = cells["duration_text"]
    return _Duration(
        row=number,
        code=cell.procedure_code(cells, "code"),
        name=cell.need(cells, "name", "tên thủ tục"),
        level=cells["level"],
        field=cells["field"],
        channel=cell.need(cells, "channel", "kênh thực hiện"),
        limit=_limit(cells),
        text="" if text.casefold() in _SAYS_NOTHING else text,
    )


def _limit(cells: Cells) -> Limit | None:
    """Return a limit whose number, unit and wording agree; anything else stays words.

    Raises: WrongCell when the number or the unit contradicts the wording.
    """
    number, unit = cells["duration_number"], _LIMIT_WORDS.get(cells["duration_unit"].casefold())
    if number and not re.fullmatch(r"\d+([.,]\d+)?", number):
        raise WrongCell(
            "duration_number", f'"{number}" không phải số. Sửa lại, hoặc để trống và ghi thời hạn bằng chữ.'
        )
    if number and not cells["duration_unit"]:
        raise WrongCell("duration_unit", "Có số mà thiếu đơn vị. Điền ngày làm việc, ngày hoặc giờ.")
    if number.isdigit() and unit is not None:
        return Limit(int(number), unit) if 1 <= int(number) <= 3650 else None
    worded = None if number else _LIMIT_TEXT.fullmatch(cells["duration_text"])
    return Limit(int(worded[1]), _LIMIT_WORDS[worded[2].casefold()]) if worded and int(worded[1]) else None


def _version(rows: Sequence[_Duration]) -> ProcedureVersion:
    first, counting = rows[0], _counting(rows)
    by_post = counting[0].channel == POST_CHANNEL
    limits = {row.limit for row in counting}
    texts = list(dict.fromkeys(row.text for row in counting if row.text))
    return ProcedureVersion(
        code=first.code,
        name=first.name,
        level=first.level,
        field=first.field,
        limit=limits.pop() if len(limits) == 1 and len(texts) < 2 else None,
        limit_text=" | ".join(texts),
        basis=f"{BASIS}, kênh {counting[0].channel}",
        status=ProcedureStatus.PUBLISHED,
        carriable=True if by_post else None,
        result_carriable=True if by_post else None,
    )


def _conflicts(rows: Sequence[_Duration]) -> Iterator[RowError]:
    """Yield what a person should look at: several limits in the channel that counts, or channels that disagree."""
    counting = _counting(rows)
    texts = list(dict.fromkeys(row.text for row in counting))
    if len(texts) > 1:
        message = f"{rows[0].code} có {len(texts)} thời hạn: {'; '.join(texts)}. Ghi bằng chữ, chọn khi nhận hồ sơ."
        yield RowError(row=counting[0].row, column="duration_text", message=message)
    others = sorted({row.text for row in rows} - set(texts))
    if others:
        message = f"{rows[0].code}: dùng thời hạn kênh {counting[0].channel}; kênh khác ghi {'; '.join(others)}."
        yield RowError(row=counting[0].row, column="channel", message=message)


def _counting(rows: Sequence[_Duration]) -> Sequence[_Duration]:
    """Return the rows whose limit counts: the public post's, or all where it has none."""
    return [row for row in rows if row.channel == POST_CHANNEL] or rows
