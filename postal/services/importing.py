"""Import files: CSV in, domain values and row-by-row errors out. Nothing is written here.

Our own formats and the public national lists are told apart by their header. Rows are numbered as a spreadsheet shows
them: the header is row 1. An error is a sentence for the person who will mend the file.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from typing import Generic, TypeVar

from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.places import Lane, Level, OfficeType, Place, PlaceKind, Precision, Territory
from postal.domain.procedures import CompetenceRule, PaperRequired, ProcedureStatus, ProcedureVersion

ERROR_COLUMN = "Lỗi"
LONGEST_CELL = 4000
MOST_ROWS = 50_000

PROCEDURE_COLUMNS = (
    "code", "version", "name", "level", "field", "limit_amount", "limit_unit", "limit_text", "same_day", "carriable",
    "result_carriable", "why_not", "competent_level", "department", "competence_basis", "pause_policy", "fee",
    "fee_basis", "valid_from", "valid_to", "status", "verified", "papers_verified", "short_names", "note", "basis",
)  # fmt: skip
PAPER_COLUMNS = (
    "procedure", "line", "name", "originals", "certified", "copies", "required", "returned_to_citizen", "note", "basis",
)  # fmt: skip
OFFICE_COLUMNS = (
    "code", "name", "office_type", "unit", "province", "address", "phone", "lat", "lon", "precision", "delivers",
    "parent", "basis", "valid_from", "valid_to",
)  # fmt: skip
LANE_COLUMNS = ("code", "origin", "destination", "carrier", "tier_days", "cutoff", "basis", "valid_from", "valid_to")
TERRITORY_COLUMNS = ("code", "name", "office", "postman", "communes", "basis")
DURATION_COLUMNS = ("code", "name", "level", "field", "channel", "duration_text", "duration_number", "duration_unit")
CATALOGUE_COLUMNS = ("code", "name", "issuer", "executor", "field")
POST_LIST_COLUMNS = (
    "code", "name", "province", "district", "ward", "detailAddress", "phone", "lat", "lon", "precision",
    "new_ward_code", "new_province_code",
)  # fmt: skip

POST_CHANNEL = "Dịch vụ bưu chính"
BASIS_DURATIONS = "Danh mục TTHC quốc gia 2025 (mã, cấp, thời hạn)"
BASIS_CATALOGUE = "Danh mục TTHC quốc gia 2026 (mã, tên, cơ quan)"
BASIS_POST_LIST = "Danh sách bưu cục công khai 2020"

_PROCEDURE_CODE = re.compile(r"\d\.\d{6}(\.H\d{2})?|\d\.\d{6}(\.\d{2,3}){3,4}\.H\d{2}")
_OFFICE_CODE = re.compile(r"\d{6}")
_UNIT_CODE = re.compile(r"\d{5}")
_PROVINCE_CODE = re.compile(r"\d{2}")
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
_YES = {"yes": True, "có": True, "no": False, "không": False}
_FORMULA = ("=", "+", "-", "@", "\t")

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

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
Cells = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowError:
    """What is wrong with a row, at which column, as a sentence with the next step."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport(Generic[T]):
    """What a file holds: values, errors that kept rows out, and notes about rows that came in all the same.

    `fields` are the attributes this format speaks about; the others are not to be overwritten.
    """

    kind: str
    rows: tuple[T, ...] = ()
    errors: tuple[RowError, ...] = ()
    notes: tuple[RowError, ...] = ()
    fields: frozenset[str] = frozenset()
    read: int = 0


class _Problem(Exception):
    """A cell that cannot be used; caught where the row is known."""

    def __init__(self, column: str, message: str) -> None:
        self.column = column
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Table:
    """The cells of a file, by row number, with what could not be read at all."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    errors: tuple[RowError, ...]


class _Unreadable(Exception):
    """The file as a whole cannot be used."""


# --- what others call -------------------------------------------------------------------------------------------------


def read_procedures(text: str | bytes) -> ImportReport[ProcedureVersion]:
    """Read procedures from our own format, the national list of time limits, or the national catalogue."""
    formats = {
        "procedures": (PROCEDURE_COLUMNS, _own_procedures),
        "durations": (DURATION_COLUMNS, _durations),
        "catalogue": (CATALOGUE_COLUMNS, _catalogue),
    }
    return _read(text, formats)


def read_offices(text: str | bytes, *, communes: Mapping[str, str] | None = None) -> ImportReport[Place]:
    """Read post offices from our own format or the public list. `communes` maps known commune codes to provinces."""

    def own(table: _Table) -> ImportReport[Place]:
        return _each(table, "offices", lambda cells: _office(cells, communes), key=lambda place: place.code)

    def public(table: _Table) -> ImportReport[Place]:
        return _post_list(table, communes)

    return _read(text, {"offices": (OFFICE_COLUMNS, own), "post-list": (POST_LIST_COLUMNS, public)})


def read_papers(text: str | bytes) -> ImportReport[tuple[str, PaperRequired]]:
    """Read paper lines as (procedure code, line), in the order of the file."""
    return _read(text, {"papers": (PAPER_COLUMNS, lambda table: _each(table, "papers", _paper))})


def read_lanes(text: str | bytes) -> ImportReport[Lane]:
    """Read lanes from our own format."""
    return _read(text, {"lanes": (LANE_COLUMNS, lambda t: _each(t, "lanes", _lane, key=lambda lane: lane.code))})


def read_territories(text: str | bytes) -> ImportReport[Territory]:
    """Read postmen's rounds from our own format."""
    formats = {
        "territories": (
            TERRITORY_COLUMNS,
            lambda t: _each(t, "territories", _territory, key=lambda round_: round_.code),
        )
    }
    return _read(text, formats)


def error_file(text: str | bytes, errors: Iterable[RowError]) -> bytes:
    """Return the rows that were kept out, with their columns and one more, "Lỗi": UTF-8 with BOM for a spreadsheet.

    Cells that a spreadsheet would take for a formula get an apostrophe, which reading takes off again.
    """
    messages: dict[int, list[str]] = {}
    for error in errors:
        messages.setdefault(error.row, []).append(f"{error.column}: {error.message}" if error.column else error.message)
    try:
        lines = list(csv.reader(io.StringIO(_decoded(text), newline="")))
    except _Unreadable:
        lines = []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    header = [name for name in (lines[0] if lines else []) if name.strip() != ERROR_COLUMN]
    writer.writerow([*header, ERROR_COLUMN])
    for row in sorted(messages):
        cells = lines[row - 1][: len(header)] if 1 < row <= len(lines) else []
        padded = [*cells, *[""] * (len(header) - len(cells))]
        writer.writerow([*map(_guarded, padded), " ".join(messages[row])])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


# --- the file ---------------------------------------------------------------------------------------------------------

Format = tuple[Sequence[str], Callable[[_Table], ImportReport[T]]]


def _read(text: str | bytes, formats: Mapping[str, Format[T]]) -> ImportReport[T]:
    kinds = "/".join(formats)
    try:
        table = _table(_decoded(text))
        columns, reader = _format_of(table.header, formats)
    except _Unreadable as problem:
        return ImportReport(kind=kinds, errors=(RowError(row=1, column="", message=str(problem)),))
    report = reader(table)
    strange = [name for name in table.header if name not in columns and name not in _TOLERATED]
    notes = [RowError(row=1, column=name, message="Không dùng cột này.") for name in strange]
    return ImportReport(
        kind=report.kind,
        rows=report.rows,
        errors=tuple(sorted((*table.errors, *report.errors), key=lambda error: error.row)),
        notes=(*notes, *report.notes),
        fields=report.fields,
        read=len(table.rows) + len(table.errors),
    )


_TOLERATED = {ERROR_COLUMN, "url", "fee_text", "documents"}


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _Unreadable(
                'Tệp không phải UTF-8. Trong Excel chọn "Lưu dưới dạng", kiểu "CSV UTF-8", rồi nhập lại.'
            ) from error
    if "\x00" in text:
        raise _Unreadable("Tệp có ký tự rỗng, không phải CSV. Lưu lại bằng kiểu CSV UTF-8 rồi nhập lại.")
    return text.removeprefix("\ufeff")


def _table(text: str) -> _Table:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    errors: list[RowError] = []
    header: tuple[str, ...] = ()
    try:
        header = tuple(name.strip() for name in next(lines, ()))
        _must_be_a_header(header)
        for number, cells in enumerate(lines, start=2):
            if number > MOST_ROWS + 1:
                raise _Unreadable(f"Tệp có hơn {MOST_ROWS} dòng. Chia tệp thành nhiều phần rồi nhập từng phần.")
            if any(cell.strip() for cell in cells):
                _keep(number, cells, header, rows, errors)
    except csv.Error as error:
        message = f"Từ dòng này tệp không còn đúng dạng CSV ({error}). Xem dấu ngoặc kép chưa đóng rồi nhập lại."
        errors.append(RowError(row=lines.line_num, column="", message=message))
    return _Table(header=header, rows=tuple(rows), errors=tuple(errors))


def _must_be_a_header(header: Sequence[str]) -> None:
    if not any(header):
        raise _Unreadable("Tệp trống. Tải tệp mẫu, điền rồi nhập lại.")
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if twice:
        raise _Unreadable(f"Cột {', '.join(twice)} có hai lần. Xóa một cột rồi nhập lại.")


def _keep(
    number: int,
    cells: Sequence[str],
    header: Sequence[str],
    rows: list[tuple[int, dict[str, str]]],
    errors: list[RowError],
) -> None:
    if len(cells) != len(header):
        message = f"Dòng có {len(cells)} ô, tiêu đề có {len(header)} cột. Xem dấu phẩy và dấu ngoặc kép của dòng này."
        errors.append(RowError(row=number, column="", message=message))
        return
    longest = next((n for n, cell in zip(header, cells, strict=True) if len(cell) > LONGEST_CELL), None)
    if longest is not None:
        errors.append(RowError(row=number, column=longest, message=f"Dài quá {LONGEST_CELL} ký tự. Rút ngắn nội dung."))
        return
    rows.append((number, {name: _clean(cell) for name, cell in zip(header, cells, strict=True)}))


def _clean(cell: str) -> str:
    """Return a cell in one form of Vietnamese letters, without needless spaces or a spreadsheet's apostrophe."""
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _format_of(header: Sequence[str], formats: Mapping[str, Format[T]]) -> Format[T]:
    missing = {kind: [name for name in columns if name not in header] for kind, (columns, _) in formats.items()}
    kind = min(missing, key=lambda candidate: len(missing[candidate]) / len(formats[candidate][0]))
    if missing[kind]:
        raise _Unreadable(f"Thiếu cột {', '.join(missing[kind])}. Thêm cột vào dòng tiêu đề, hoặc tải tệp mẫu.")
    return formats[kind]


def _each(
    table: _Table, kind: str, build: Callable[[Cells], T], *, key: Callable[[T], object] | None = None
) -> ImportReport[T]:
    """Build a value from each row; a key that comes twice keeps the later row out."""
    made: list[T] = []
    errors: list[RowError] = []
    first_at: dict[object, int] = {}
    for number, cells in table.rows:
        try:
            value = build(cells)
            mark = key(value) if key else number
            if mark in first_at:
                raise _Problem("code", f"Mã này đã có ở dòng {first_at[mark]}. Xóa một trong hai dòng.")
            first_at[mark] = number
            made.append(value)
        except _Problem as problem:
            errors.append(RowError(row=number, column=problem.column, message=problem.message))
    return ImportReport(kind=kind, rows=tuple(made), errors=tuple(errors))


# --- cells ------------------------------------------------------------------------------------------------------------


def _need(cells: Cells, column: str, what: str) -> str:
    if not cells[column]:
        raise _Problem(column, f"Thiếu {what}. Điền vào ô này.")
    return cells[column]


def _matching(cells: Cells, column: str, pattern: re.Pattern[str], what: str) -> str:
    value = _need(cells, column, what)
    if not pattern.fullmatch(value):
        raise _Problem(column, f'"{value}" không đúng dạng {what}. Sửa lại; số 0 ở đầu không được mất.')
    return value


def _whole(cells: Cells, column: str, *, lowest: int, highest: int) -> int | None:
    value = cells[column]
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise _Problem(column, f'"{value}" không phải số nguyên từ {lowest} đến {highest}. Sửa lại ô này.')
    return int(value)


def _degrees(cells: Cells, column: str, *, lowest: float, highest: float) -> float | None:
    value = cells[column]
    if not value:
        return None
    try:
        degrees = float(value)
    except ValueError as error:
        raise _Problem(column, f'"{value}" không phải tọa độ. Viết dạng 16.0762, dùng dấu chấm.') from error
    if not lowest <= degrees <= highest:
        raise _Problem(column, f'"{value}" nằm ngoài Việt Nam. Xem vĩ độ và kinh độ có bị đổi chỗ không.')
    return degrees


def _day(cells: Cells, column: str) -> date | None:
    value = cells[column]
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise _Problem(column, f'"{value}" không phải ngày. Viết dạng 2025-07-01.') from error


def _span(cells: Cells) -> tuple[date | None, date | None]:
    begins, ends = _day(cells, "valid_from"), _day(cells, "valid_to")
    if begins and ends and ends < begins:
        raise _Problem("valid_to", f"Ngày cuối {ends} trước ngày đầu {begins}. Sửa một trong hai.")
    return begins, ends


def _yes_or_none(cells: Cells, column: str) -> bool | None:
    value = cells[column].casefold()
    if not value:
        return None
    if value not in _YES:
        raise _Problem(column, f'"{cells[column]}" không phải yes hoặc no. Sửa lại, hoặc để trống nếu chưa biết.')
    return _YES[value]


def _choice(cells: Cells, column: str, kind: type[E]) -> E | None:
    value = cells[column]
    if not value:
        return None
    try:
        return kind(value)
    except ValueError as error:
        allowed = ", ".join(str(member.value) for member in kind)
        raise _Problem(column, f'"{value}" không dùng được. Chọn một trong: {allowed}.') from error


# --- procedures -------------------------------------------------------------------------------------------------------


def _own_procedures(table: _Table) -> ImportReport[ProcedureVersion]:
    report = _each(table, "procedures", _own_procedure, key=lambda version: (version.code, version.version))
    fields = frozenset(ProcedureVersion.__dataclass_fields__) - {"code", "version", "papers"}
    return ImportReport(kind=report.kind, rows=report.rows, errors=report.errors, fields=fields)


def _own_procedure(cells: Cells) -> ProcedureVersion:
    begins, ends = _span(cells)
    verified = _yes_or_none(cells, "verified") or False
    basis = _need(cells, "basis", "căn cứ")
    carriable = _yes_or_none(cells, "carriable")
    if carriable is False and not cells["why_not"]:
        raise _Problem("why_not", "Thủ tục không được gửi qua bưu điện phải có lý do. Điền lý do kèm điều luật.")
    fee = _whole(cells, "fee", lowest=0, highest=1_000_000_000)
    if fee is not None and not cells["fee_basis"]:
        raise _Problem("fee_basis", "Có lệ phí thì phải có căn cứ. Điền số văn bản, hoặc để trống lệ phí.")
    return ProcedureVersion(
        code=_matching(cells, "code", _PROCEDURE_CODE, "mã thủ tục, ví dụ 2.000635"),
        version=_whole(cells, "version", lowest=1, highest=9999) or 1,
        name=_need(cells, "name", "tên thủ tục"),
        level=cells["level"],
        field=cells["field"],
        limit=_own_limit(cells),
        limit_text=cells["limit_text"],
        same_day=_yes_or_none(cells, "same_day") or False,
        valid_from=begins,
        valid_to=ends,
        basis=basis,
        verified=verified,
        status=_choice(cells, "status", ProcedureStatus) or ProcedureStatus.UNKNOWN,
        papers_verified=_yes_or_none(cells, "papers_verified") or False,
        carriable=carriable,
        result_carriable=_yes_or_none(cells, "result_carriable"),
        why_not=cells["why_not"],
        competence=_own_competence(cells),
        pause_policy=_choice(cells, "pause_policy", PausePolicy) or PausePolicy.RESTART,
        fee=fee,
        fee_basis=cells["fee_basis"],
        short_names=tuple(name.strip() for name in cells["short_names"].split("|") if name.strip()),
        note=cells["note"],
    )


def _own_limit(cells: Cells) -> Limit | None:
    amount = _whole(cells, "limit_amount", lowest=1, highest=3650)
    unit = _choice(cells, "limit_unit", Unit)
    if (amount is None) != (unit is None):
        column = "limit_amount" if amount is None else "limit_unit"
        raise _Problem(column, "Thời hạn cần cả số và đơn vị. Điền ô còn thiếu, hoặc để trống cả hai.")
    return None if amount is None or unit is None else Limit(amount, unit)


def _own_competence(cells: Cells) -> CompetenceRule | None:
    level = _choice(cells, "competent_level", Level)
    if level is None:
        return None
    return CompetenceRule(
        level=level,
        department=_need(cells, "department", "loại cơ quan giải quyết"),
        basis=_need(cells, "competence_basis", "căn cứ thẩm quyền"),
    )


def _catalogue(table: _Table) -> ImportReport[ProcedureVersion]:
    report = _each(table, "catalogue", _catalogued, key=lambda version: version.code)
    fields = frozenset({"name", "field", "competence"})
    return ImportReport(kind=report.kind, rows=report.rows, errors=report.errors, fields=fields)


def _catalogued(cells: Cells) -> ProcedureVersion:
    rule = _EXECUTORS.get(cells["executor"].casefold())
    basis = f"{BASIS_CATALOGUE}: {cells['executor']}"
    return ProcedureVersion(
        code=_matching(cells, "code", _PROCEDURE_CODE, "mã thủ tục, ví dụ 2.000635"),
        name=_need(cells, "name", "tên thủ tục"),
        field=cells["field"],
        basis=f"{BASIS_CATALOGUE}; ban hành: {cells['issuer']}" if cells["issuer"] else BASIS_CATALOGUE,
        status=ProcedureStatus.IN_FORCE,
        competence=CompetenceRule(level=rule[0], department=rule[1], basis=basis) if rule else None,
    )


@dataclass(frozen=True, slots=True)
class _Duration:
    """One row of the list of time limits: a channel of a procedure."""

    row: int
    code: str
    name: str
    level: str
    field: str
    channel: str
    limit: Limit | None
    text: str


def _durations(table: _Table) -> ImportReport[ProcedureVersion]:
    """Read one version per code from its rows by channel; the public post's own limit is the one that counts."""
    errors: list[RowError] = []
    by_code: dict[str, list[_Duration]] = {}
    for number, cells in table.rows:
        try:
            duration = _duration(number, cells)
            by_code.setdefault(duration.code, []).append(duration)
        except _Problem as problem:
            errors.append(RowError(row=number, column=problem.column, message=problem.message))
    notes = [note for rows in by_code.values() for note in _conflicts(rows)]
    fields = frozenset({"name", "level", "field", "limit", "limit_text", "carriable", "result_carriable"})
    versions = tuple(map(_from_durations, by_code.values()))
    return ImportReport(kind="durations", rows=versions, errors=tuple(errors), notes=tuple(notes), fields=fields)


def _duration(number: int, cells: Cells) -> _Duration:
    text = cells["duration_text"]
    return _Duration(
        row=number,
        code=_matching(cells, "code", _PROCEDURE_CODE, "mã thủ tục, ví dụ 2.000635"),
        name=_need(cells, "name", "tên thủ tục"),
        level=cells["level"],
        field=cells["field"],
        channel=_need(cells, "channel", "kênh thực hiện"),
        limit=_limit(cells, text),
        text="" if text.casefold() in _SAYS_NOTHING else text,
    )


def _limit(cells: Cells, text: str) -> Limit | None:
    """Return a limit whose number, unit and wording agree; anything else stays words.

    Raises: a problem when the number or the unit contradicts the wording.
    """
    number, unit = cells["duration_number"], _LIMIT_WORDS.get(cells["duration_unit"].casefold())
    if number and not re.fullmatch(r"\d+([.,]\d+)?", number):
        raise _Problem("duration_number", f'"{number}" không phải số. Sửa lại, hoặc để trống và ghi thời hạn bằng chữ.')
    if number and not cells["duration_unit"]:
        raise _Problem("duration_unit", "Có số mà thiếu đơn vị. Điền ngày làm việc, ngày hoặc giờ.")
    if number.isdigit() and unit is not None:
        return Limit(int(number), unit) if 1 <= int(number) <= 3650 else None
    worded = None if number else _LIMIT_TEXT.fullmatch(text)
    return Limit(int(worded[1]), _LIMIT_WORDS[worded[2].casefold()]) if worded and int(worded[1]) else None


def _from_durations(rows: Sequence[_Duration]) -> ProcedureVersion:
    counting = [row for row in rows if row.channel == POST_CHANNEL] or list(rows)
    by_post = counting[0].channel == POST_CHANNEL
    limits = {row.limit for row in counting}
    texts = list(dict.fromkeys(row.text for row in counting if row.text))
    first = rows[0]
    return ProcedureVersion(
        code=first.code,
        name=first.name,
        level=first.level,
        field=first.field,
        limit=limits.pop() if len(limits) == 1 and len(texts) < 2 else None,
        limit_text=" | ".join(texts),
        basis=f"{BASIS_DURATIONS}, kênh {counting[0].channel}",
        status=ProcedureStatus.IN_FORCE,
        carriable=True if by_post else None,
        result_carriable=True if by_post else None,
    )


def _conflicts(rows: Sequence[_Duration]) -> Iterator[RowError]:
    """Yield what a person should look at: several limits in the channel that counts, or channels that disagree."""
    counting = [row for row in rows if row.channel == POST_CHANNEL] or list(rows)
    texts = list(dict.fromkeys(row.text for row in counting))
    if len(texts) > 1:
        message = f"{rows[0].code} có {len(texts)} thời hạn: {'; '.join(texts)}. Ghi bằng chữ, chọn khi nhận hồ sơ."
        yield RowError(row=counting[0].row, column="duration_text", message=message)
    others = sorted({row.text for row in rows} - set(texts))
    if others:
        message = f"{rows[0].code}: dùng thời hạn kênh {counting[0].channel}; kênh khác ghi {'; '.join(others)}."
        yield RowError(row=counting[0].row, column="channel", message=message)


def _paper(cells: Cells) -> tuple[str, PaperRequired]:
    code = _matching(cells, "procedure", _PROCEDURE_CODE, "mã thủ tục, ví dụ 2.000635")
    required = _yes_or_none(cells, "required")
    paper = PaperRequired(
        name=_need(cells, "name", "tên giấy tờ"),
        originals=_whole(cells, "originals", lowest=0, highest=99) or 0,
        certified=_whole(cells, "certified", lowest=0, highest=99) or 0,
        copies=_whole(cells, "copies", lowest=0, highest=99) or 0,
        required=True if required is None else required,
        returned_to_citizen=_yes_or_none(cells, "returned_to_citizen"),
        note=cells["note"],
        basis=_need(cells, "basis", "căn cứ"),
    )
    if paper.originals + paper.certified + paper.copies == 0:
        raise _Problem("originals", "Giấy tờ phải có ít nhất một bản. Điền số bản chính, bản chứng thực hoặc bản sao.")
    return code, paper


# --- offices, lanes, rounds -------------------------------------------------------------------------------------------


def _office(cells: Cells, communes: Mapping[str, str] | None) -> Place:
    begins, ends = _span(cells)
    unit, province = _unit_of(cells, communes, unit_column="unit", province_column="province")
    return Place(
        code=_matching(cells, "code", _OFFICE_CODE, "mã bưu cục 6 số"),
        kind=PlaceKind.OFFICE,
        name=_need(cells, "name", "tên bưu cục"),
        unit=unit,
        province_code=province,
        address=cells["address"],
        phone=_phone(cells),
        lat=_degrees(cells, "lat", lowest=7, highest=24),
        lon=_degrees(cells, "lon", lowest=102, highest=118),
        precision=_choice(cells, "precision", Precision) or Precision.NONE,
        office_type=_choice(cells, "office_type", OfficeType),
        delivers=_yes_or_none(cells, "delivers") or False,
        parent=cells["parent"] or None,
        basis=_need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
    )


def _unit_of(
    cells: Cells, communes: Mapping[str, str] | None, *, unit_column: str, province_column: str
) -> tuple[str | None, str | None]:
    unit = _matching(cells, unit_column, _UNIT_CODE, "mã xã 5 số") if cells[unit_column] else None
    province = _matching(cells, province_column, _PROVINCE_CODE, "mã tỉnh 2 số") if cells[province_column] else None
    if unit is None or communes is None:
        return unit, province
    if unit not in communes:
        raise _Problem(unit_column, f"Không có xã, phường nào mã {unit} từ 01/7/2025. Chọn mã xã, phường mới.")
    if province is not None and communes[unit] != province:
        raise _Problem(
            province_column, f"Xã, phường {unit} thuộc tỉnh {communes[unit]}, không phải {province}. Sửa lại."
        )
    return unit, communes[unit]


def _phone(cells: Cells) -> str:
    digits = re.sub(r"[\s.()-]", "", cells["phone"])
    if digits and not re.fullmatch(r"\+?\d{7,12}", digits):
        raise _Problem("phone", f'"{cells["phone"]}" không phải số điện thoại. Viết đủ mã vùng, ví dụ 02363832299.')
    return digits


def _post_list(table: _Table, communes: Mapping[str, str] | None) -> ImportReport[Place]:
    """Read the public list; a mobile number there may be an employee's own and is left out."""
    report = _each(table, "post-list", lambda cells: _listed_office(cells, communes), key=lambda place: place.code)
    kept_out = {error.row for error in report.errors}
    notes = [note for number, cells in table.rows if number not in kept_out for note in _doubts(number, cells)]
    return ImportReport(kind=report.kind, rows=report.rows, errors=report.errors, notes=tuple(notes))


def _listed_office(cells: Cells, communes: Mapping[str, str] | None) -> Place:
    unit, province = _unit_of(cells, communes, unit_column="new_ward_code", province_column="new_province_code")
    lat, lon = _degrees(cells, "lat", lowest=7, highest=24), _degrees(cells, "lon", lowest=102, highest=118)
    old = [part for part in (cells["ward"], cells["district"], cells["province"]) if part]
    return Place(
        code=_matching(cells, "code", _OFFICE_CODE, "mã bưu cục 6 số"),
        kind=PlaceKind.OFFICE,
        name=_need(cells, "name", "tên bưu cục"),
        unit=unit,
        province_code=province,
        address=", ".join(part for part in (cells["detailAddress"], f"({', '.join(old)})" if old else "") if part),
        phone=_landline(cells["phone"]),
        lat=lat,
        lon=lon,
        precision=_listed_precision(cells),
        basis=f"{BASIS_POST_LIST} (mã, tên, địa chỉ)",
    )


_LISTED_PRECISION = {
    "exact": Precision.EXACT,
    "ward": Precision.COMMUNE,
    "district": Precision.DISTRICT,
    "none": Precision.NONE,
    "": Precision.NONE,
}


def _listed_precision(cells: Cells) -> Precision:
    found = _LISTED_PRECISION.get(cells["precision"])
    if found is None:
        raise _Problem("precision", f'"{cells["precision"]}" không dùng được. Chọn ward, district hoặc none.')
    return found


def _landline(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    national = digits if digits.startswith("0") else f"0{digits}"
    return national if re.fullmatch(r"02\d{8,9}", national) else ""


def _doubts(number: int, cells: Cells) -> Iterator[RowError]:
    if not cells["new_ward_code"]:
        yield RowError(row=number, column="new_ward_code", message="Chưa rõ xã, phường mới. Điền sau trong danh mục.")
    if cells["phone"] and not _landline(cells["phone"]):
        message = (
            "Không nhập số này: thiếu mã vùng, hoặc là số di động có thể của cá nhân. Điền số cố định của bưu cục."
        )
        yield RowError(row=number, column="phone", message=message)


def _lane(cells: Cells) -> Lane:
    begins, ends = _span(cells)
    tier = _whole(cells, "tier_days", lowest=0, highest=30)
    if tier is None:
        raise _Problem("tier_days", "Thiếu mức J+n. Điền số ngày làm việc.")
    try:
        cutoff = time.fromisoformat(_need(cells, "cutoff", "giờ chốt"))
    except ValueError as error:
        raise _Problem("cutoff", f'"{cells["cutoff"]}" không phải giờ. Viết dạng 15:00.') from error
    return Lane(
        code=_need(cells, "code", "mã tuyến"),
        origin=_need(cells, "origin", "nơi đi"),
        destination=_need(cells, "destination", "nơi đến"),
        carrier=_need(cells, "carrier", "đơn vị chuyển"),
        tier_days=tier,
        cutoff=cutoff,
        basis=_need(cells, "basis", "căn cứ"),
        valid_from=begins,
        valid_to=ends,
    )


def _territory(cells: Cells) -> Territory:
    return Territory(
        code=_need(cells, "code", "mã tuyến phát"),
        name=_need(cells, "name", "tên tuyến phát"),
        office=_matching(cells, "office", _OFFICE_CODE, "mã bưu cục 6 số"),
        postman=cells["postman"] or None,
        communes=tuple(_need(cells, "communes", "danh sách xã, phường").split()),
        basis=_need(cells, "basis", "căn cứ"),
    )
