"""The papers a procedure asks for, line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from postal.domain.procedures import PaperRequired
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, RowError, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = (
    "procedure", "line", "name", "originals", "certified", "copies", "required", "returned_to_citizen", "note", "basis",
)  # fmt: skip
MORE_COLUMNS = ("version", "digitise", "no_scan_reason")
"""What a file may say besides; without a version a line is about the newest one."""

Line = tuple[str, int | None, PaperRequired]
"""The procedure's code, the version or None for the newest, and the paper."""


def read_papers(content: str | bytes | Sequence[Table]) -> ImportReport[Line]:
    """Read paper lines in the order of the file; one bad line keeps the whole list of its procedure out."""
    return formats.read(content, {"papers": (COLUMNS, _lists)}, optional=MORE_COLUMNS)


def _lists(table: Table) -> ImportReport[Line]:
    report = formats.each(table, "papers", _line)
    wrong = {error.row for error in report.errors}
    broken = {cells["procedure"] for number, cells in table.rows if number in wrong}
    kept = [(line, row) for line, row in zip(report.rows, report.lines, strict=True) if line[0] not in broken]
    beside = (RowError(row=row, column="procedure", message=_BESIDE) for line, row in _others(report, broken))
    return replace(
        report,
        rows=tuple(line for line, _ in kept),
        lines=tuple(row for _, row in kept),
        errors=(*report.errors, *beside),
    )


_BESIDE = "Dòng khác của thủ tục này có lỗi, nên giữ lại cả danh sách giấy tờ. Sửa dòng đó rồi nhập cả danh sách."


def _others(report: ImportReport[Line], broken: set[str]) -> Iterator[tuple[Line, int]]:
    pairs = zip(report.rows, report.lines, strict=True)
    return ((line, row) for line, row in pairs if line[0] in broken)


def _line(row: Cells) -> Line:
    cells = {**dict.fromkeys(MORE_COLUMNS, ""), **row}
    code = cell.procedure_code(cells, "procedure")
    return code, cell.whole(cells, "version", lowest=1, highest=9999), paper_of(cells)


def paper_of(row: Cells) -> PaperRequired:
    """Return the paper that a row says; columns of MORE_COLUMNS may be missing. Raises: WrongCell."""
    cells = {**dict.fromkeys(MORE_COLUMNS, ""), **row}
    required = cell.yes_or_none(cells, "required")
    paper = PaperRequired(
        name=cell.need(cells, "name", "tên giấy tờ"),
        originals=cell.whole(cells, "originals", lowest=0, highest=99) or 0,
        certified=cell.whole(cells, "certified", lowest=0, highest=99) or 0,
        copies=cell.whole(cells, "copies", lowest=0, highest=99) or 0,
        required=True if required is None else required,
        returned_to_citizen=cell.yes_or_none(cells, "returned_to_citizen"),
        note=cells["note"],
        basis=cell.need(cells, "basis", "căn cứ"),
        digitise=cell.yes_or_none(cells, "digitise"),
        no_scan_reason=cells["no_scan_reason"],
    )
    if paper.originals + paper.certified + paper.copies == 0:
        raise WrongCell("originals", "Giấy tờ phải có ít nhất một bản. Điền số bản chính, bản chứng thực hoặc bản sao.")
    if paper.digitise is False and not paper.no_scan_reason:
        raise WrongCell("no_scan_reason", "Giấy tờ không được số hóa phải có lý do. Điền lý do kèm căn cứ.")
    return paper
