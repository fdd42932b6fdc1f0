"""Procedures: our own format, told apart from the two national lists."""

from dataclasses import replace

from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.places import Level
from postal.domain.procedures import CompetenceRule, ProcedureStatus, ProcedureVersion
from postal.services.importing import cells as cell
from postal.services.importing import formats, national_catalogue, national_durations
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = (
    "code", "version", "name", "level", "field", "limit_amount", "limit_unit", "limit_text", "same_day", "carriable",
    "result_carriable", "why_not", "competent_level", "department", "competence_basis", "pause_policy", "fee",
    "fee_basis", "valid_from", "valid_to", "status", "verified", "papers_verified", "short_names", "note", "basis",
)  # fmt: skip


def read_procedures(text: str | bytes) -> ImportReport[ProcedureVersion]:
    """Read procedures from our own format, the national list of time limits, or the national catalogue."""
    known = {
        "procedures": (COLUMNS, _procedures),
        "durations": (national_durations.COLUMNS, national_durations.versions),
        "catalogue": (national_catalogue.COLUMNS, national_catalogue.versions),
    }
    return formats.read(text, known)


def _procedures(table: Table) -> ImportReport[ProcedureVersion]:
    report = formats.each(table, "procedures", _procedure, key=lambda version: (version.code, version.version))
    return replace(report, fields=frozenset(ProcedureVersion.__dataclass_fields__) - {"code", "version", "papers"})


def _procedure(cells: Cells) -> ProcedureVersion:
    begins, ends = cell.span(cells)
    verified = cell.yes_or_none(cells, "verified") or False
    basis = cell.need(cells, "basis", "căn cứ")
    carriable = _carriable(cells)
    fee = _fee(cells)
    return ProcedureVersion(
        code=cell.procedure_code(cells, "code"),
        version=cell.whole(cells, "version", lowest=1, highest=9999) or 1,
        name=cell.need(cells, "name", "tên thủ tục"),
        level=cells["level"],
        field=cells["field"],
        limit=_limit(cells),
        limit_text=cells["limit_text"],
        same_day=cell.yes_or_none(cells, "same_day") or False,
        valid_from=begins,
        valid_to=ends,
        basis=basis,
        verified=verified,
        status=cell.choice(cells, "status", ProcedureStatus) or ProcedureStatus.UNKNOWN,
        papers_verified=cell.yes_or_none(cells, "papers_verified") or False,
        carriable=carriable,
        result_carriable=cell.yes_or_none(cells, "result_carriable"),
        why_not=cells["why_not"],
        competence=_competence(cells),
        pause_policy=cell.choice(cells, "pause_policy", PausePolicy) or PausePolicy.RESTART,
        fee=fee,
        fee_basis=cells["fee_basis"],
        short_names=tuple(name.strip() for name in cells["short_names"].split("|") if name.strip()),
        note=cells["note"],
    )


def _carriable(cells: Cells) -> bool | None:
    carriable = cell.yes_or_none(cells, "carriable")
    if carriable is False and not cells["why_not"]:
        raise WrongCell("why_not", "Thủ tục không được gửi qua bưu điện phải có lý do. Điền lý do kèm điều luật.")
    return carriable


def _fee(cells: Cells) -> int | None:
    fee = cell.whole(cells, "fee", lowest=0, highest=1_000_000_000)
    if fee is not None and not cells["fee_basis"]:
        raise WrongCell("fee_basis", "Có lệ phí thì phải có căn cứ. Điền số văn bản, hoặc để trống lệ phí.")
    return fee


def _limit(cells: Cells) -> Limit | None:
    amount = cell.whole(cells, "limit_amount", lowest=1, highest=3650)
    unit = cell.choice(cells, "limit_unit", Unit)
    if (amount is None) != (unit is None):
        column = "limit_amount" if amount is None else "limit_unit"
        raise WrongCell(column, "Thời hạn cần cả số và đơn vị. Điền ô còn thiếu, hoặc để trống cả hai.")
    return None if amount is None or unit is None else Limit(amount, unit)


def _competence(cells: Cells) -> CompetenceRule | None:
    level = cell.choice(cells, "competent_level", Level)
    if level is None:
        return None
    return CompetenceRule(
        level=level,
        department=cell.need(cells, "department", "loại cơ quan giải quyết"),
        basis=cell.need(cells, "competence_basis", "căn cứ thẩm quyền"),
    )
