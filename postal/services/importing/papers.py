"""The papers a procedure asks for, line by line."""

from postal.domain.procedures import PaperRequired
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells

COLUMNS = (
    "procedure", "line", "name", "originals", "certified", "copies", "required", "returned_to_citizen", "note", "basis",
)  # fmt: skip


def read_papers(text: str | bytes) -> ImportReport[tuple[str, PaperRequired]]:
    """Read paper lines as (procedure code, line), in the order of the file."""
    return formats.read(text, {"papers": (COLUMNS, lambda table: formats.each(table, "papers", _paper))})


def _paper(cells: Cells) -> tuple[str, PaperRequired]:
    code = cell.procedure_code(cells, "procedure")
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
    )
    if paper.originals + paper.certified + paper.copies == 0:
        raise WrongCell("originals", "Giấy tờ phải có ít nhất một bản. Điền số bản chính, bản chứng thực hoặc bản sao.")
    return code, paper
