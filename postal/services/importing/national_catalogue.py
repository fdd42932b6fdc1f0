"""The national catalogue of procedures: codes, names and the authority that carries each out."""

from dataclasses import replace

from postal.domain.places import Level
from postal.domain.procedures import CompetenceRule, ProcedureStatus, ProcedureVersion
from postal.services.importing import cells as cell
from postal.services.importing import formats
from postal.services.importing.report import ImportReport
from postal.services.importing.table import Cells, Table

COLUMNS = ("code", "name", "issuer", "executor", "field")
BASIS = "Danh mục TTHC quốc gia 2026 (mã, tên, cơ quan)"

# Who decides, where the national list names exactly one kind of authority; anything longer stays unknown.
_EXECUTORS = {
    "ủy ban nhân dân cấp xã": (Level.COMMUNE, "UBND_XA"),
    "công an cấp xã": (Level.COMMUNE, "CONG_AN_XA"),
    "công an cấp tỉnh": (Level.PROVINCE, "CONG_AN_TINH"),
    "sở tư pháp": (Level.PROVINCE, "SO_TU_PHAP"),
    "sở xây dựng": (Level.PROVINCE, "SO_XAY_DUNG"),
    "sở nội vụ": (Level.PROVINCE, "SO_NOI_VU"),
    "sở y tế": (Level.PROVINCE, "SO_Y_TE"),
    "sở tài chính các tỉnh, thành phố": (Level.PROVINCE, "SO_TAI_CHINH"),
    "sở nông nghiệp và môi trường": (Level.PROVINCE, "SO_NONG_NGHIEP_MOI_TRUONG"),
    "sở công thương": (Level.PROVINCE, "SO_CONG_THUONG"),
}


def versions(table: Table) -> ImportReport[ProcedureVersion]:
    """Read a version from each row; what the catalogue does not say is not to be overwritten."""
    report = formats.each(table, "catalogue", _version, key=lambda version: version.code)
    return replace(report, fields=frozenset({"name", "field", "competence"}))


def _version(cells: Cells) -> ProcedureVersion:
    return ProcedureVersion(
        code=cell.procedure_code(cells, "code"),
        name=cell.need(cells, "name", "tên thủ tục"),
        field=cells["field"],
        basis=f"{BASIS}; ban hành: {cells['issuer']}" if cells["issuer"] else BASIS,
        status=ProcedureStatus.PUBLISHED,
        competence=_competence(cells["executor"]),
    )


def _competence(executor: str) -> CompetenceRule | None:
    if (rule := _EXECUTORS.get(executor.casefold())) is None:
        return None
    level, department = rule
    return CompetenceRule(level=level, department=department, basis=f"{BASIS}: {executor}")
