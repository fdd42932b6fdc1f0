"""Formats told apart by their header, and values built from rows one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from postal.services.importing.report import ImportReport, RowError, Unreadable, WrongCell
from postal.services.importing.table import Cells, Table, read_tables

ERROR_COLUMN = "Lỗi"

T = TypeVar("T")
Format = tuple[Sequence[str], Callable[[Table], ImportReport[T]]]
"""The columns a format must have, and how its table is read."""

_TOLERATED = {ERROR_COLUMN, "url", "fee_text", "documents", "successor"}
"""Columns that nobody must have and nobody is told about; `successor` came later than files that are still read."""


def read(
    content: str | bytes | Sequence[Table], formats: Mapping[str, Format[T]], *, optional: Sequence[str] = ()
) -> ImportReport[T]:
    """Return what a file or its sheets hold in the format that its header has, `optional` columns or not."""
    try:
        tables = read_tables(content) if isinstance(content, str | bytes) else content
        table = _fitting(tables, formats)
        columns, reader = _format_of(table.header, formats)
    except Unreadable as problem:
        return ImportReport(kind="/".join(formats), errors=(RowError(row=1, column="", message=str(problem)),))
    report = reader(table)
    return ImportReport(
        kind=report.kind,
        rows=report.rows,
        errors=tuple(sorted((*table.errors, *report.errors), key=lambda error: error.row)),
        notes=(*_unused(table.header, (*columns, *optional)), *report.notes),
        fields=report.fields,
        read=len(table.rows) + len(table.errors),
        lines=report.lines,
        sheet=table.sheet,
    )


def fits(table: Table, columns: Sequence[str]) -> bool:
    """Tell whether a sheet has every column of a format."""
    return not _lacks(table.header, columns)


def _fitting(tables: Sequence[Table], formats: Mapping[str, Format[T]]) -> Table:
    """Return the sheet whose header lacks the least of what one of the formats needs."""
    return min(tables, key=lambda table: min(_lacks(table.header, columns) for columns, _ in formats.values()))


def _lacks(header: Sequence[str], columns: Sequence[str]) -> float:
    return sum(name not in header for name in columns) / len(columns)


def each(
    table: Table, kind: str, build: Callable[[Cells], T], *, key: Callable[[T], object] | None = None
) -> ImportReport[T]:
    """Build a value from each row; a key that comes twice keeps the later row out."""
    made: list[T] = []
    lines: list[int] = []
    errors: list[RowError] = []
    first_at: dict[object, int] = {}
    for number, cells in table.rows:
        try:
            value = build(cells)
            first = first_at.setdefault(key(value) if key else number, number)
            if first != number:
                raise WrongCell("code", f"Mã này đã có ở dòng {first}. Xóa một trong hai dòng.")
            made.append(value)
            lines.append(number)
        except WrongCell as problem:
            errors.append(problem.at(number))
    return ImportReport(kind=kind, rows=tuple(made), errors=tuple(errors), lines=tuple(lines))


def _format_of(header: Sequence[str], formats: Mapping[str, Format[T]]) -> Format[T]:
    """Return the format of which the header lacks the smallest part; it must lack nothing."""
    kind = min(formats, key=lambda candidate: _lacks(header, formats[candidate][0]))
    if missing := [name for name in formats[kind][0] if name not in header]:
        raise Unreadable(f"Thiếu cột {', '.join(missing)}. Thêm cột vào dòng tiêu đề, hoặc tải tệp mẫu.")
    return formats[kind]


def _unused(header: Sequence[str], columns: Sequence[str]) -> list[RowError]:
    strange = [name for name in header if name not in columns and name not in _TOLERATED]
    return [RowError(row=1, column=name, message="Không dùng cột này.") for name in strange]
