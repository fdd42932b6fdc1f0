"""The catalogue as files: what comes out here goes in again unchanged, all versions and all papers."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import Enum

from labels import tables
from postal.domain.clocks import Limit
from postal.domain.procedures import CompetenceRule, NationalEntry, PaperRequired, ProcedureVersion
from postal.services import importing
from postal.services.importing import table
from postal.store import Store

PROCEDURE_COLUMNS = (*importing.PROCEDURE_COLUMNS, *importing.MORE_PROCEDURE_COLUMNS)
PAPER_COLUMNS = (*importing.PAPER_COLUMNS, *importing.MORE_PAPER_COLUMNS)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def all_versions(store: Store) -> list[ProcedureVersion]:
    """Return every version of every procedure, by code and number."""
    with store.read() as reader:
        return [version for versions in reader.reference.all_versions().values() for version in versions]


def procedures_csv(versions: Iterable[ProcedureVersion]) -> bytes:
    """Return versions as CSV, UTF-8 with a byte order mark; their papers are a file of their own."""
    return _csv(PROCEDURE_COLUMNS, _procedure_rows(versions))


def papers_csv(versions: Iterable[ProcedureVersion]) -> bytes:
    """Return the papers of versions as CSV, UTF-8 with a byte order mark."""
    return _csv(PAPER_COLUMNS, _paper_rows(versions))


def catalogue_zip(versions: Sequence[ProcedureVersion]) -> bytes:
    """Return both CSV files in one: read in together, the papers lie in the versions they belong to."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, made in (("thu-tuc.csv", procedures_csv(versions)), ("giay-to.csv", papers_csv(versions))):
            packed.writestr(zipfile.ZipInfo(name), made, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def catalogue_xlsx(versions: Sequence[ProcedureVersion]) -> bytes:
    """Return versions and their papers as the two sheets of a workbook."""
    return tables.workbook(
        (
            tables.Sheet(name="Thủ tục", header=PROCEDURE_COLUMNS, rows=_procedure_rows(versions)),
            tables.Sheet(name="Giấy tờ", header=PAPER_COLUMNS, rows=_paper_rows(versions)),
        )
    )


def procedure_cells(version: ProcedureVersion) -> dict[str, str]:
    """Return a version as a row of our own format, by column."""
    return {
        **{name: _cell(getattr(version, name)) for name in _PLAIN},
        **_limit_cells("limit", version.limit),
        **_limit_cells("statutory", version.statutory_limit),
        **_competence_cells(version.competence),
        **_national_cells(version.national or NationalEntry()),
        "short_names": "|".join(version.short_names),
    }


_PLAIN = (
    "code", "version", "name", "level", "field", "limit_text", "same_day", "carriable", "result_carriable", "why_not",
    "pause_policy", "fee", "fee_basis", "valid_from", "valid_to", "status", "verified", "papers_verified", "note",
    "basis", "cut_basis", "online_level", "boundary", "boundary_basis", "source_system", "source_takes_files",
    "agency_source", "agency_seen_on",
)  # fmt: skip
"""The columns that are a field of their own."""


def paper_cells(paper: PaperRequired) -> dict[str, str]:
    """Return a paper as a row of our own format, by column, without whose it is."""
    names = (*importing.PAPER_COLUMNS, *importing.MORE_PAPER_COLUMNS)
    return {name: _cell(getattr(paper, name)) for name in names if name not in ("procedure", "line", "version")}


def _limit_cells(prefix: str, limit: Limit | None) -> dict[str, str]:
    amount, unit = (str(limit.amount), limit.unit.value) if limit else ("", "")
    return {f"{prefix}_amount": amount, f"{prefix}_unit": unit}


def _competence_cells(rule: CompetenceRule | None) -> dict[str, str]:
    return {
        "competent_level": rule.level.value if rule else "",
        "department": rule.department if rule else "",
        "competence_basis": rule.basis if rule else "",
        "organisation_level": _cell(rule.organisation_level) if rule else "",
        "organisation_department": rule.organisation_department if rule else "",
        "organisation_basis": rule.organisation_basis if rule else "",
    }


def _national_cells(entry: NationalEntry) -> dict[str, str]:
    return {
        "national_limit": entry.limit_text,
        "national_papers": entry.papers_text,
        "national_fee": entry.fee_text,
        "national_source": entry.source,
        "national_seen_on": _cell(entry.seen_on),
    }


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _procedure_rows(versions: Iterable[ProcedureVersion]) -> Iterator[list[str]]:
    for version in versions:
        cells = procedure_cells(version)
        yield [cells[column] for column in PROCEDURE_COLUMNS]


def _paper_rows(versions: Iterable[ProcedureVersion]) -> Iterator[list[str]]:
    for version in versions:
        for line, paper in enumerate(version.papers, start=1):
            whose = {"procedure": version.code, "version": str(version.version), "line": str(line)}
            cells = {**whose, **paper_cells(paper)}
            yield [cells[column] for column in PAPER_COLUMNS]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([*map(table.guarded, row)] for row in rows)
    return _BYTE_ORDER_MARK + out.getvalue().encode()
