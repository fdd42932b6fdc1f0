"""What an import would change: each row beside the version it is about, with the versions that would follow.

A version is never edited: what a file says otherwise becomes the next version from today, or from the day after the
last one began. A blank overwrites nothing, what the law keeps off the post stays off whatever a list says, and where
the agency's own portal was read a national list only changes what is shown beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from postal.domain import catalogue_change
from postal.domain.procedures import NationalEntry, PaperRequired, ProcedureVersion
from postal.domain.refusals import Refused
from postal.services.importing import formats, papers, procedures
from postal.services.importing.papers import Line
from postal.services.importing.report import ImportReport, RowError, Unreadable
from postal.services.importing.table import read_tables

Change = tuple[ProcedureVersion | None, ProcedureVersion]
"""The version there is, None for a procedure that is new, and the one that would follow."""

OWN_FIELDS = frozenset(ProcedureVersion.__dataclass_fields__) - {"code", "version", "papers"}
_COMPARED_LESS = {"basis", "version", "valid_from", "valid_to"}


class _NoSuchProcedure(Refused):
    code = "papers_of_nobody"
    vi = "Chưa có thủ tục {procedure} trong danh mục. Nhập thủ tục trước, hoặc sửa mã."
    en = "Procedure {procedure} is not in the catalogue. Import it first."


class _NoSuchVersion(Refused):
    code = "no_such_version"
    vi = "Thủ tục {procedure} chưa có phiên bản {version}. Để trống cột version để sửa phiên bản mới nhất."
    en = "Procedure {procedure} has no version {version}."


class _Closed(Refused):
    code = "version_closed"
    vi = (
        "Phiên bản {version} của {procedure} không sửa được: hồ sơ cũ giữ phiên bản đó. Xóa số ở cột version để tạo "
        "phiên bản mới."
    )
    en = "Version {version} of {procedure} is closed: old dossiers keep it. Clear the version to make a new one."


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """How the rows of one sheet came out; `merged` are those that belong to the procedure of another row."""

    kind: str
    read: int
    added: int
    changed: int
    unchanged: int
    merged: int
    errors: tuple[RowError, ...]
    notes: tuple[RowError, ...]
    sheet: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to write: versions that end (`closed`), versions that are new (`fresh`), and what of it is a change."""

    sheets: tuple[Counted, ...]
    closed: tuple[ProcedureVersion, ...] = ()
    fresh: tuple[ProcedureVersion, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A file as it was read: procedures, papers, or both."""

    procedures: ImportReport[ProcedureVersion] | None
    papers: ImportReport[Line] | None


def read_catalogue(content: str | bytes) -> Read:
    """Return the procedures and the papers a file holds; a file that is neither is reported as procedures."""
    try:
        sheets = read_tables(content)
    except Unreadable:
        return Read(procedures=procedures.read_procedures(content), papers=None)
    with_papers = [sheet for sheet in sheets if formats.fits(sheet, papers.COLUMNS)]
    others = [sheet for sheet in sheets if sheet not in with_papers]
    return Read(
        procedures=procedures.read_procedures(others) if others else None,
        papers=papers.read_papers(with_papers) if with_papers else None,
    )


def plan(read: Read, stored: Mapping[str, Sequence[ProcedureVersion]], *, on: date) -> Plan:
    """Return what a file would change in the catalogue; `stored` are all versions of each code, in order."""
    planner = _Planner(stored=stored, on=on)
    sheets = []
    if read.procedures is not None:
        sheets.append(planner.take_procedures(read.procedures))
    if read.papers is not None:
        sheets.append(planner.take_papers(read.papers))
    return planner.planned(sheets)


@dataclass(kw_only=True, slots=True)
class _Planner:
    """Collects versions that end and versions that follow; what it was given stays as it is."""

    stored: Mapping[str, Sequence[ProcedureVersion]]
    on: date
    fresh: dict[tuple[str, int], ProcedureVersion] = field(default_factory=dict)
    newest: dict[str, ProcedureVersion] = field(default_factory=dict)
    closed: dict[str, ProcedureVersion] = field(default_factory=dict)

    def planned(self, sheets: Sequence[Counted]) -> Plan:
        return Plan(
            sheets=tuple(sheets),
            closed=tuple(self.closed.values()),
            fresh=tuple(self.fresh.values()),
            changes=tuple(self._changes()),
        )

    def _changes(self) -> Iterator[Change]:
        for (code, number), version in self.fresh.items():
            before = self.stored.get(code, ())
            yield (before[-1] if before and number > before[-1].version else None), version

    # --- procedures ---------------------------------------------------------------------------------------------------

    def take_procedures(self, report: ImportReport[ProcedureVersion]) -> Counted:
        """Plan each procedure of a report."""
        errors: list[RowError] = []
        notes: list[RowError] = []
        before = dict(self.fresh)
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        for row, line in zip(report.rows, report.lines, strict=True):
            try:
                counts[self._procedure(row, report)] += 1
            except Refused as refused:
                errors.append(RowError(row=line, column=_COLUMN_OF.get(type(refused), "version"), message=str(refused)))
            notes.extend(self._kept_refusal(row, line))
        errors.extend(self._broken(report, known=before, counts=counts))
        return _counted(report, counts, errors=errors, notes=notes)

    def _procedure(self, row: ProcedureVersion, report: ImportReport[ProcedureVersion]) -> str:
        there = self.stored.get(row.code, ())
        if not there:
            self._put(replace(row, version=row.version or 1))
            return "added"
        last = there[-1]
        number = row.version if report.fields == OWN_FIELDS else 0  # the national lists know no versions
        if number and number < last.version:
            self._must_be_kept(row, there)
            return "unchanged"
        new = _merged(last, row, report)
        if new is last and number <= last.version:
            return "unchanged"
        says_when = number > last.version or _is_later(row, last)
        self._follow(last, new, begins=row.valid_from if says_when else None)
        return "changed"

    def _must_be_kept(self, row: ProcedureVersion, there: Sequence[ProcedureVersion]) -> None:
        """Refuse a row that says otherwise than the earlier version it names."""
        if not any(replace(row, papers=version.papers) == version for version in there):
            raise _Closed(procedure=row.code, version=row.version)

    def _follow(self, old: ProcedureVersion, new: ProcedureVersion, *, begins: date | None) -> None:
        first = begins or self._soonest(old)
        closed, following = catalogue_change.following(
            old, replace(new, valid_from=first, valid_to=None), today=self.on
        )
        self.closed[old.code] = closed
        self._put(following)

    def _soonest(self, old: ProcedureVersion) -> date:
        """Return today, or the day after the old version began if that is later: no version lasts less than a day."""
        return max(self.on, old.valid_from + timedelta(days=1)) if old.valid_from else self.on

    def _put(self, version: ProcedureVersion) -> None:
        self.fresh[version.code, version.version] = version
        newest = self.newest.get(version.code)
        if newest is None or newest.version < version.version:
            self.newest[version.code] = version

    def _broken(
        self,
        report: ImportReport[ProcedureVersion],
        *,
        known: Mapping[tuple[str, int], ProcedureVersion],
        counts: dict[str, int],
    ) -> Iterator[RowError]:
        """Take back procedures that are new here and whose versions do not follow each other; name their rows."""
        by_code: dict[str, list[ProcedureVersion]] = {}
        for key, version in self.fresh.items():
            if key not in known and version.code not in self.stored:
                by_code.setdefault(version.code, []).append(version)
        for code, versions in by_code.items():
            try:
                catalogue_change.must_be_whole(sorted(versions, key=lambda version: version.version))
            except Refused as refused:
                counts["added"] -= len(versions)
                self._forget(code)
                for row, line in zip(report.rows, report.lines, strict=True):
                    if row.code == code:
                        yield RowError(row=line, column="valid_from", message=str(refused))

    def _forget(self, code: str) -> None:
        self.newest.pop(code, None)
        for key in [key for key in self.fresh if key[0] == code]:
            del self.fresh[key]

    def _kept_refusal(self, row: ProcedureVersion, line: int) -> Iterator[RowError]:
        """Yield a note where a list sends by post what the law does not."""
        there = self.stored.get(row.code, ())
        if there and there[-1].carriable is False and row.carriable:
            message = (
                f"{row.code}: danh sách ghi kênh bưu chính, nhưng {there[-1].why_not} "
                "Giữ nguyên: không gửi qua bưu điện."
            )
            yield RowError(row=line, column="channel", message=message)

    # --- papers -------------------------------------------------------------------------------------------------------

    def take_papers(self, report: ImportReport[Line]) -> Counted:
        """Plan the list of papers of each procedure of a report."""
        lists: dict[tuple[str, int | None], list[PaperRequired]] = {}
        lines: dict[tuple[str, int | None], list[int]] = {}
        for (code, number, paper), line in zip(report.rows, report.lines, strict=True):
            lists.setdefault((code, number), []).append(paper)
            lines.setdefault((code, number), []).append(line)
        errors: list[RowError] = []
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        for (code, number), asked in lists.items():
            try:
                counts[self._papers(code, number, tuple(asked))] += len(asked)
            except Refused as refused:
                errors += [RowError(row=line, column="version", message=str(refused)) for line in lines[code, number]]
        return _counted(report, counts, errors=errors, notes=())

    def _papers(self, code: str, number: int | None, asked: tuple[PaperRequired, ...]) -> str:
        there = self.stored.get(code, ())
        newest = self.newest.get(code) or (there[-1] if there else None)
        if newest is None:
            raise _NoSuchProcedure(procedure=code)
        if (new := self.fresh.get((code, number or newest.version))) is not None:
            self._put(replace(new, papers=asked))
            return "added"
        same = next((version for version in there if version.version == (number or newest.version)), None)
        if same is None:
            raise _NoSuchVersion(procedure=code, version=number)
        if same.papers == asked:
            return "unchanged"
        if same is not there[-1]:
            raise _Closed(procedure=code, version=number)
        if newest is not same:
            self._put(replace(newest, papers=asked))
        else:
            self._follow(same, replace(same, papers=asked), begins=None)
        return "changed"


_COLUMN_OF: dict[type[Refused], str] = {
    catalogue_change.EndsBeforeItBegins: "valid_to",
    catalogue_change.CutAboveLaw: "statutory_amount",
    catalogue_change.CutWithoutBasis: "cut_basis",
    catalogue_change.BeginsInThePast: "valid_from",
    catalogue_change.VersionsOverlap: "valid_from",
    catalogue_change.GapBetweenVersions: "valid_from",
}


def _is_later(row: ProcedureVersion, old: ProcedureVersion) -> bool:
    return row.valid_from is not None and (old.valid_from is None or row.valid_from > old.valid_from)


def _counted(
    report: ImportReport[ProcedureVersion] | ImportReport[Line],
    counts: Mapping[str, int],
    *,
    errors: Sequence[RowError],
    notes: Sequence[RowError],
) -> Counted:
    wrong = (*report.errors, *errors)
    kept_out = len({error.row for error in report.errors})
    return Counted(
        kind=report.kind,
        read=report.read,
        merged=max(0, report.read - len(report.rows) - kept_out),
        errors=tuple(sorted(wrong, key=lambda error: error.row)),
        notes=(*report.notes, *notes),
        sheet=report.sheet,
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
    )


def _merged(old: ProcedureVersion, new: ProcedureVersion, report: ImportReport[ProcedureVersion]) -> ProcedureVersion:
    """Return the old version itself if the file says nothing new; else the old one with what the file says."""
    if old.agency_source and report.fields != OWN_FIELDS:
        return _beside(old, new, report)
    said = {name: getattr(new, name) for name in report.fields - _COMPARED_LESS}
    said = {name: value for name, value in said.items() if value not in (None, "", ())}
    for name in ("carriable", "result_carriable"):
        if name in said and getattr(old, name) is False:
            said.pop(name)
    if "competence" in said and old.competence is not None and report.fields != OWN_FIELDS:
        said.pop("competence")
    differing = {name: value for name, value in said.items() if value != getattr(old, name)}
    if not differing:
        return old
    if "limit_text" in differing and "limit" in report.fields:
        differing["limit"] = new.limit
    if report.fields != OWN_FIELDS and not differing.keys().isdisjoint(("limit", "limit_text", "level", "name")):
        differing["verified"] = False
    return replace(old, **differing, basis=new.basis)


def _beside(old: ProcedureVersion, new: ProcedureVersion, report: ImportReport[ProcedureVersion]) -> ProcedureVersion:
    """Return the agency's version with what the national list says now beside it."""
    if report.fields.isdisjoint(("limit", "limit_text")):
        return old
    entry = old.national or NationalEntry()
    text = new.limit_text or (str(new.limit) if new.limit else "")
    if not text or text == entry.limit_text:
        return old
    return replace(old, national=replace(entry, limit_text=text, source=new.basis))
