"""The form of a change of a procedure: the fields of our own format with labels, and its papers row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import TypeVar

from postal.domain import catalogue_change, typed
from postal.domain.catalogue_change import (
    BOUNDARY_NAMES,
    DEPARTMENT_NAMES,
    LEVEL_NAMES,
    ONLINE_NAMES,
    PAUSE_NAMES,
    STATUS_NAMES,
)
from postal.domain.clocks import Unit
from postal.domain.procedures import PaperRequired, ProcedureStatus, ProcedureVersion
from postal.domain.refusals import Refused
from postal.services import exporting, importing
from postal.services.importing import WrongCell, table

BLANK_PAPERS = 2
MOST_PAPERS = 60

E = TypeVar("E", bound=Enum)
Options = tuple[tuple[str, str], ...]


def _choices(names: Mapping[E, str]) -> Options:
    return (("", "chưa xác minh"), *((str(each.value), name) for each, name in names.items()))


_KNOWN: Options = (("", "chưa xác minh"), ("yes", "có"), ("no", "không"))
_YES_NO: Options = (("no", "không"), ("yes", "có"))
_UNITS: Options = (("", "không theo số ngày"), *((unit.value, unit.label) for unit in Unit))


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field as the form shows it: a line, long text, a day, a choice, or a line with suggestions."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    options: Options = ()
    is_required: bool = False


GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Hiệu lực và căn cứ",
        (
            Field(name="valid_from", label="Áp dụng từ ngày", kind="day", is_required=True,
                  hint="Hồ sơ nhận trước ngày này giữ phiên bản cũ."),
            Field(name="basis", label="Căn cứ", is_required=True, hint="Số, ngày của quyết định công bố."),
            Field(name="status", label="Tình trạng", kind="choice",
                  options=tuple((each.value, name) for each, name in STATUS_NAMES.items())),
        ),
    ),
    (
        "Thủ tục",
        (
            Field(name="name", label="Tên thủ tục", kind="long", is_required=True),
            Field(name="level", label="Cấp thực hiện"),
            Field(name="field", label="Lĩnh vực"),
            Field(name="short_names", label="Tên gọi tắt", hint="Cách nhau dấu |, ví dụ khai sinh|dkks."),
        ),
    ),
    (
        "Thời hạn",
        (
            Field(name="same_day", label="Trả trong ngày", kind="choice", options=_YES_NO,
                  hint=f"{catalogue_change.SAME_DAY_RULE} ({catalogue_change.SAME_DAY_BASIS})."),
            Field(name="limit_amount", label="Thời hạn áp dụng: số"),
            Field(name="limit_unit", label="Thời hạn áp dụng: đơn vị", kind="choice", options=_UNITS),
            Field(name="limit_text", label="Thời hạn bằng chữ", hint="Khi không ghi được bằng một số."),
            Field(name="statutory_amount", label="Thời hạn luật định: số", hint="Khi tỉnh hứa ngắn hơn luật."),
            Field(name="statutory_unit", label="Thời hạn luật định: đơn vị", kind="choice", options=_UNITS),
            Field(name="cut_basis", label="Căn cứ cắt giảm"),
            Field(name="pause_policy", label="Khi chờ bổ sung", kind="choice",
                  options=tuple((each.value, name) for each, name in PAUSE_NAMES.items())),
        ),
    ),
    (
        "Gửi qua bưu điện",
        (
            Field(name="carriable", label="Gửi hồ sơ qua bưu điện", kind="choice", options=_KNOWN),
            Field(name="result_carriable", label="Nhận kết quả qua bưu điện", kind="choice", options=_KNOWN),
            Field(name="why_not", label="Lý do không gửi được", kind="long",
                  hint="Phải có mặt, hoặc không được ủy quyền; kèm điều luật."),
        ),
    ),
    (
        "Cơ quan giải quyết",
        (
            Field(name="competent_level", label="Cấp giải quyết", kind="choice", options=_choices(LEVEL_NAMES)),
            Field(name="department", label="Loại cơ quan", kind="suggested", options=tuple(DEPARTMENT_NAMES.items()),
                  hint="Chọn trong gợi ý, hoặc gõ mã loại khác."),
            Field(name="competence_basis", label="Căn cứ thẩm quyền"),
            Field(name="organisation_level", label="Với tổ chức: cấp giải quyết", kind="choice",
                  options=_choices(LEVEL_NAMES), hint="Chỉ khi khác với cá nhân."),
            Field(name="organisation_department", label="Với tổ chức: loại cơ quan", kind="suggested",
                  options=tuple(DEPARTMENT_NAMES.items())),
            Field(name="organisation_basis", label="Với tổ chức: căn cứ"),
            Field(name="boundary", label="Nộp ngoài địa giới", kind="choice", options=_choices(BOUNDARY_NAMES)),
            Field(name="boundary_basis", label="Căn cứ nộp ngoài địa giới"),
        ),
    ),
    (
        "Phí, lệ phí",
        (
            Field(name="fee", label="Phí, lệ phí (đồng)", hint="Để trống khi chưa xác minh; 0 khi không thu."),
            Field(name="fee_basis", label="Căn cứ phí, lệ phí"),
        ),
    ),
    (
        "Trực tuyến và số hóa",
        (
            Field(name="online_level", label="Mức độ trực tuyến", kind="choice", options=_choices(ONLINE_NAMES)),
            Field(name="source_system", label="Hệ thống giải quyết"),
            Field(name="source_takes_files", label="Hệ thống nhận tệp số hóa", kind="choice", options=_KNOWN),
        ),
    ),
    (
        "Cổng của cơ quan và danh mục quốc gia",
        (
            Field(name="agency_source", label="Cổng của cơ quan đã xem",
                  hint="Nội dung ở trên theo cổng này; danh mục quốc gia ghi khác thì hiện bên cạnh."),
            Field(name="agency_seen_on", label="Ngày xem cổng của cơ quan", kind="day"),
            Field(name="national_limit", label="Danh mục quốc gia ghi thời hạn"),
            Field(name="national_papers", label="Danh mục quốc gia ghi giấy tờ", kind="long"),
            Field(name="national_fee", label="Danh mục quốc gia ghi phí, lệ phí"),
            Field(name="national_source", label="Nguồn của danh mục quốc gia"),
            Field(name="national_seen_on", label="Ngày xem danh mục quốc gia", kind="day"),
        ),
    ),
    (
        "Đã đối chiếu",
        (
            Field(name="verified", label="Mã, tên, cấp, thời hạn", kind="choice", options=_YES_NO),
            Field(name="papers_verified", label="Danh sách giấy tờ", kind="choice", options=_YES_NO),
            Field(name="note", label="Ghi chú", kind="long"),
        ),
    ),
)  # fmt: skip

_DAYS = frozenset(field.name for _, fields in GROUPS for field in fields if field.kind == "day")

PAPER_FIELDS: tuple[Field, ...] = (
    Field(name="name", label="Tên giấy tờ", kind="long"),
    Field(name="originals", label="Bản chính"),
    Field(name="certified", label="Bản sao chứng thực"),
    Field(name="copies", label="Bản sao"),
    Field(name="required", label="Bắt buộc", kind="choice", options=(("yes", "có"), ("no", "khi cần"))),
    Field(name="returned_to_citizen", label="Trả lại", kind="choice", options=_KNOWN),
    Field(name="digitise", label="Số hóa", kind="choice", options=_KNOWN),
    Field(name="no_scan_reason", label="Lý do không số hóa"),
    Field(name="note", label="Ghi chú"),
    Field(name="basis", label="Căn cứ"),
)

_FIELD_OF: dict[type[Refused], str] = {
    catalogue_change.NoFirstDay: "valid_from",
    catalogue_change.BeginsInThePast: "valid_from",
    catalogue_change.VersionsOverlap: "valid_from",
    catalogue_change.GapBetweenVersions: "valid_from",
    catalogue_change.NothingChanged: "basis",
    catalogue_change.CutAboveLaw: "statutory_amount",
    catalogue_change.CutWithoutBasis: "cut_basis",
    catalogue_change.SameDayWithLimit: "same_day",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangePage:
    """The form with what was typed; `papers` are the names of the rows, each field is called `paper_ROW_NAME`."""

    code: str
    name: str
    is_new: bool
    is_draft: bool
    typed: Mapping[str, str]
    papers: tuple[int, ...]
    errors: Mapping[str, str]

    @property
    def groups(self) -> tuple[tuple[str, tuple[Field, ...]], ...]:
        """The fields in their groups."""
        return GROUPS

    @property
    def paper_fields(self) -> tuple[Field, ...]:
        """The fields of one paper."""
        return PAPER_FIELDS

    def value(self, name: str) -> str:
        """Return what is typed in a field."""
        return self.typed.get(name, "")

    def error(self, name: str) -> str:
        """Return what is wrong with a field, empty for nothing."""
        return self.errors.get(name, "")


def filled(code: str, version: ProcedureVersion | None, *, is_draft: bool, today: date) -> ChangePage:
    """Return the form with what a version says; a change begins tomorrow and has a basis of its own."""
    cells = exporting.procedure_cells(version) if version else {"status": "published", "pause_policy": "restart"}
    papers = version.papers if version else ()
    if version is not None and not is_draft and version.status is ProcedureStatus.PUBLISHED:
        cells["status"] = ProcedureStatus.AMENDED.value
    if not is_draft:
        cells |= {"valid_from": (today + timedelta(days=1)).isoformat(), "basis": ""}
    return ChangePage(
        code=code,
        name=version.name if version else "",
        is_new=version is None,
        is_draft=is_draft,
        typed={**cells, **_paper_values(papers)},
        papers=tuple(range(len(papers) + BLANK_PAPERS)),
        errors={},
    )


def again(
    code: str, sent: Mapping[str, str], *, errors: Mapping[str, str], known: ProcedureVersion | None
) -> ChangePage:
    """Return the form as it was sent, with what is wrong beside the fields."""
    return ChangePage(
        code=code,
        name=known.name if known else "",
        is_new=known is None,
        is_draft=False,
        typed=sent,
        papers=tuple(_rows(sent)),
        errors=errors,
    )


def read(code: str, sent: Mapping[str, str]) -> tuple[ProcedureVersion | None, dict[str, str]]:
    """Return the version somebody typed, or None and what is wrong by field."""
    errors: dict[str, str] = {}
    papers = tuple(_papers(sent, errors))
    cells = {name: _cell(name, sent) for name in exporting.PROCEDURE_COLUMNS}
    try:
        version = importing.version_of({**cells, "code": code, "version": "", "valid_to": ""})
    except WrongCell as wrong:
        return None, {wrong.column: wrong.message, **errors}
    return (None, errors) if errors else (replace(version, papers=papers), errors)


def field_of(refused: Refused) -> str:
    """Return beside which field a refusal is said."""
    return _FIELD_OF.get(type(refused), "basis")


def _cell(name: str, sent: Mapping[str, str]) -> str:
    text = table.cleaned(sent.get(name, ""))
    if name in _DAYS and text:
        try:
            return typed.day(text).isoformat()
        except Refused:
            return text
    return text


def _rows(sent: Mapping[str, str]) -> Iterator[int]:
    named = [int(name.split("_")[1]) for name in sent if name.startswith("paper_") and name.split("_")[1].isdigit()]
    yield from range(min(max(named, default=-1) + 1, MOST_PAPERS))


def _papers(sent: Mapping[str, str], errors: dict[str, str]) -> Iterator[PaperRequired]:
    for row in _rows(sent):
        cells = {field.name: table.cleaned(sent.get(f"paper_{row}_{field.name}", "")) for field in PAPER_FIELDS}
        if not cells["name"]:
            continue
        try:
            yield importing.paper_of(cells)
        except WrongCell as wrong:
            errors[f"paper_{row}_{wrong.column}"] = f"Giấy tờ {row + 1}: {wrong.message}"


def _paper_values(papers: Sequence[PaperRequired]) -> dict[str, str]:
    return {
        f"paper_{row}_{name}": value
        for row, paper in enumerate(papers)
        for name, value in exporting.paper_cells(paper).items()
    }
