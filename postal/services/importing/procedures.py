"""Procedures: our own format, told apart from the two national lists."""

from collections.abc import Sequence
from dataclasses import replace

from postal.domain import catalogue_change
from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.places import Level
from postal.domain.procedures import (
    Boundary,
    CompetenceRule,
    NationalEntry,
    OnlineLevel,
    ProcedureStatus,
    ProcedureVersion,
)
from postal.domain.refusals import Refused
from postal.services.importing import cells as cell
from postal.services.importing import formats, national_catalogue, national_durations
from postal.services.importing.report import ImportReport, WrongCell
from postal.services.importing.table import Cells, Table

COLUMNS = (
    "code", "version", "name", "level", "field", "limit_amount", "limit_unit", "limit_text", "same_day", "carriable",
    "result_carriable", "why_not", "competent_level", "department", "competence_basis", "pause_policy", "fee",
    "fee_basis", "valid_from", "valid_to", "status", "verified", "papers_verified", "short_names", "note", "basis",
)  # fmt: skip

MORE_COLUMNS = (
    "statutory_amount", "statutory_unit", "cut_basis", "online_level", "boundary", "boundary_basis", "source_system",
    "source_takes_files", "agency_source", "agency_seen_on", "national_limit", "national_papers", "national_fee",
    "national_source", "national_seen_on", "organisation_level", "organisation_department", "organisation_basis",
)  # fmt: skip
"""What a file may say besides; older files do not."""

_COLUMN_OF: dict[type[Refused], str] = {
    catalogue_change.EndsBeforeItBegins: "valid_to",
    catalogue_change.CutAboveLaw: "statutory_amount",
    catalogue_change.CutWithoutBasis: "cut_basis",
    catalogue_change.SameDayWithLimit: "limit_amount",
    catalogue_change.LimitOfZero: "limit_amount",
}
"""At which column what is unsound about a version is said."""


def read_procedures(content: str | bytes | Sequence[Table]) -> ImportReport[ProcedureVersion]:
    """Read procedures from our own format, the national list of time limits, or the national catalogue.

    A row of our own format that leaves its version open has the version 0.
    """
    known = {
        "procedures": (COLUMNS, _procedures),
        "durations": (national_durations.COLUMNS, national_durations.versions),
        "catalogue": (national_catalogue.COLUMNS, national_catalogue.versions),
    }
    return formats.read(content, known, optional=MORE_COLUMNS)


def version_of(cells: Cells) -> ProcedureVersion:
    """Return the version that a row of our own format says; columns of MORE_COLUMNS may be missing.

    Raises: WrongCell.
    """
    version = _procedure({**dict.fromkeys(MORE_COLUMNS, ""), **cells})
    try:
        catalogue_change.must_be_sound(version)
    except Refused as refused:
        raise WrongCell(_COLUMN_OF[type(refused)], str(refused)) from refused
    return version


def _procedures(table: Table) -> ImportReport[ProcedureVersion]:
    report = formats.each(table, "procedures", version_of, key=lambda version: (version.code, version.version))
    return replace(report, fields=frozenset(ProcedureVersion.__dataclass_fields__) - {"code", "version", "papers"})


def _procedure(cells: Cells) -> ProcedureVersion:
    begins, ends = cell.span(cells)
    verified = cell.yes_or_none(cells, "verified") or False
    basis = cell.need(cells, "basis", "căn cứ")
    carriable = _carriable(cells)
    fee = _fee(cells)
    return ProcedureVersion(
        code=cell.procedure_code(cells, "code"),
        version=cell.whole(cells, "version", lowest=1, highest=9999) or 0,
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
        statutory_limit=_limit(cells, amount="statutory_amount", unit="statutory_unit"),
        cut_basis=cells["cut_basis"],
        online_level=cell.choice(cells, "online_level", OnlineLevel),
        boundary=cell.choice(cells, "boundary", Boundary),
        boundary_basis=cells["boundary_basis"],
        source_system=cells["source_system"],
        source_takes_files=cell.yes_or_none(cells, "source_takes_files"),
        national=_national(cells),
        agency_source=cells["agency_source"],
        agency_seen_on=cell.day(cells, "agency_seen_on"),
    )


def _national(cells: Cells) -> NationalEntry | None:
    entry = NationalEntry(
        limit_text=cells["national_limit"],
        papers_text=cells["national_papers"],
        fee_text=cells["national_fee"],
        source=cells["national_source"],
        seen_on=cell.day(cells, "national_seen_on"),
    )
    return None if entry == NationalEntry() else entry


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


def _limit(cells: Cells, *, amount: str = "limit_amount", unit: str = "limit_unit") -> Limit | None:
    if cells[amount].isdigit() and not int(cells[amount]):
        raise WrongCell(amount, str(catalogue_change.LimitOfZero()))
    number = cell.whole(cells, amount, lowest=1, highest=3650)
    kind = cell.choice(cells, unit, Unit)
    if (number is None) != (kind is None):
        column = amount if number is None else unit
        raise WrongCell(column, "Thời hạn cần cả số và đơn vị. Điền ô còn thiếu, hoặc để trống cả hai.")
    return None if number is None or kind is None else Limit(number, kind)


def _competence(cells: Cells) -> CompetenceRule | None:
    level = cell.choice(cells, "competent_level", Level)
    if level is None:
        return None
    return CompetenceRule(
        level=level,
        department=cell.need(cells, "department", "loại cơ quan giải quyết"),
        basis=cell.need(cells, "competence_basis", "căn cứ thẩm quyền"),
        organisation_level=cell.choice(cells, "organisation_level", Level),
        organisation_department=cells["organisation_department"],
        organisation_basis=cells["organisation_basis"],
    )
