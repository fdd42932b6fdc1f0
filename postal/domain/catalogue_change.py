"""Changing the catalogue: one version follows another without a gap, and what changed is told in words."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from postal.domain.clocks import PausePolicy
from postal.domain.places import Level
from postal.domain.procedures import (
    Boundary,
    CompetenceRule,
    NationalEntry,
    OnlineLevel,
    PaperRequired,
    ProcedureStatus,
    ProcedureVersion,
)
from postal.domain.refusals import Refused

SAME_DAY_RULE = "Trả trong ngày làm việc; nhận sau 15:00 thì trả vào ngày làm việc tiếp theo"
SAME_DAY_BASIS = "NĐ 61/2018/NĐ-CP Điều 18, NĐ 118/2025/NĐ-CP giữ nguyên"

STATUS_NAMES: dict[ProcedureStatus, str] = {
    ProcedureStatus.PUBLISHED: "đã công bố",
    ProcedureStatus.AMENDED: "công bố sửa đổi, bổ sung",
    ProcedureStatus.ABOLISHED: "đã bãi bỏ",
    ProcedureStatus.UNKNOWN: "chưa rõ đã công bố hay chưa",
}
ONLINE_NAMES: dict[OnlineLevel, str] = {
    OnlineLevel.FULL: "toàn trình",
    OnlineLevel.PARTIAL: "một phần",
    OnlineLevel.INFORMATION: "chỉ cung cấp thông tin",
}
BOUNDARY_NAMES: dict[Boundary, str] = {
    Boundary.OWN: "chỉ nộp tại đơn vị giải quyết",
    Boundary.PROVINCE: "nộp được tại mọi Một cửa trong tỉnh, thành phố",
    Boundary.NATION: "nộp được tại mọi Một cửa trong cả nước",
    Boundary.ONLINE_ONLY: "ngoài địa giới chỉ nộp trực tuyến",
}
PAUSE_NAMES: dict[PausePolicy, str] = {
    PausePolicy.RESTART: "đủ bổ sung thì tính lại từ đầu",
    PausePolicy.PAUSE: "thời gian chờ không tính vào thời hạn",
    PausePolicy.NONE: "vẫn tính thời gian chờ",
}
LEVEL_NAMES: dict[Level, str] = {
    Level.MINISTRY: "cấp bộ",
    Level.PROVINCE: "cấp tỉnh",
    Level.DISTRICT: "cấp huyện (cũ)",
    Level.COMMUNE: "cấp xã",
}


class LimitOfZero(Refused):
    """A time limit is at least one."""

    code = "limit_of_zero"
    vi = "Thời hạn không thể bằng 0. Nhập từ 1 đến 3650, hoặc chọn trả trong ngày."
    en = "A time limit is never 0. Enter 1 to 3650, or choose the same day."


class EndsBeforeItBegins(Refused):
    """The last day of a version comes before its first."""

    code = "ends_before_it_begins"
    vi = "Ngày hết hiệu lực {ends} trước ngày có hiệu lực {begins}. Sửa một trong hai."
    en = "The last day {ends} comes before the first day {begins}. Mend one of them."


class VersionsOverlap(Refused):
    """Two versions of a procedure would hold on the same day."""

    code = "versions_overlap"
    vi = (
        "{procedure}: phiên bản {new} từ {begins} trùng thời gian với phiên bản {old} ({span}). Chọn ngày hiệu lực sau."
    )
    en = "{procedure}: version {new} from {begins} overlaps version {old} ({span}). Choose a later first day."


class GapBetweenVersions(Refused):
    """Days on which no version of a procedure would hold."""

    code = "gap_between_versions"
    vi = (
        "{procedure}: phiên bản {old} hết hiệu lực {ended}, phiên bản {new} bắt đầu {begins}; ở giữa không có phiên "
        "bản nào. Chọn ngày hiệu lực {wanted}."
    )
    en = "{procedure}: version {old} ends {ended}, version {new} begins {begins}. Let it begin {wanted}."


class BeginsInThePast(Refused):
    """A new version cannot hold on a day that has gone by: dossiers were received under the old one."""

    code = "begins_in_the_past"
    vi = (
        "Ngày hiệu lực {begins} đã qua; hồ sơ nhận từ ngày đó đã theo phiên bản cũ. Chọn từ {today} trở đi và ghi ngày "
        "của quyết định vào căn cứ."
    )
    en = "{begins} has gone by. Choose {today} or later and tell the decision's day in the basis."


class NoFirstDay(Refused):
    """A version that follows another one says from which day."""

    code = "no_first_day"
    vi = "Chưa có ngày hiệu lực. Nhập ngày phiên bản mới bắt đầu áp dụng."
    en = "Enter the day on which the new version begins."


class NothingChanged(Refused):
    """The draft says what the version before it says."""

    code = "nothing_changed"
    vi = "Bản soạn không khác phiên bản {version}. Sửa nội dung cần thay đổi rồi lưu lại."
    en = "The draft does not differ from version {version}. Change something and save again."


class CutAboveLaw(Refused):
    """What a province promises is longer than the law allows."""

    code = "cut_above_law"
    vi = "Thời hạn {limit} dài hơn thời hạn luật định {statutory}. Sửa một trong hai."
    en = "The limit {limit} is longer than the statutory {statutory}. Mend one of them."


class CutWithoutBasis(Refused):
    """A cut from the statutory limit rests on a decision."""

    code = "cut_without_basis"
    vi = "Thời hạn {limit} ngắn hơn luật định {statutory} nhưng chưa có căn cứ cắt giảm. Nhập số quyết định của tỉnh."
    en = "The limit {limit} is shorter than the statutory {statutory} without a basis. Enter the decision."


class SameDayWithLimit(Refused):
    """A procedure ends on the day or after a limit, never both."""

    code = "same_day_with_limit"
    vi = "Thủ tục trả trong ngày không có thời hạn theo số ngày. Để trống thời hạn, hoặc bỏ chọn trả trong ngày."
    en = "A same-day procedure has no limit in days. Clear the limit or the same-day box."


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What one version says and the next one says otherwise; `counts` marks what changes a due date, place or fee."""

    name: str
    label: str
    before: str
    after: str
    counts: bool


UNVERIFIED = "chưa xác minh, đối chiếu Cổng Dịch vụ công"

MARKS = frozenset({"limit", "same_day", "pause_policy", "competence", "fee", "carriable", "result_carriable"})
"""The fields that decide a due date, an authority, a fee, or whether the post may carry."""


def must_be_sound(version: ProcedureVersion) -> None:
    """Check what a version says by itself.

    Raises: EndsBeforeItBegins, CutAboveLaw, CutWithoutBasis, SameDayWithLimit.
    """
    if version.valid_from and version.valid_to and version.valid_to < version.valid_from:
        raise EndsBeforeItBegins(begins=_day(version.valid_from), ends=_day(version.valid_to))
    if version.same_day and version.limit is not None:
        raise SameDayWithLimit
    if (law := version.statutory_limit) is None or version.limit is None or law.unit is not version.limit.unit:
        return
    if version.limit.amount > law.amount:
        raise CutAboveLaw(limit=version.limit, statutory=law)
    if version.limit.amount < law.amount and not version.cut_basis:
        raise CutWithoutBasis(limit=version.limit, statutory=law)


def must_be_whole(versions: Sequence[ProcedureVersion]) -> None:
    """Check that each version of a procedure begins on the day after the one before it ended.

    Raises: VersionsOverlap, GapBetweenVersions.
    """
    for old, new in itertools.pairwise(versions):
        _must_follow(old, new)


def following(
    old: ProcedureVersion, new: ProcedureVersion, *, today: date
) -> tuple[ProcedureVersion, ProcedureVersion]:
    """Return the old version with its last day, and the new one numbered after it.

    Raises: NoFirstDay, BeginsInThePast, NothingChanged, VersionsOverlap, GapBetweenVersions, and what `must_be_sound`
    raises.
    """
    begins = must_begin(new, today=today)
    if not differences(old, new):
        raise NothingChanged(version=old.version)
    last_day = begins - timedelta(days=1)
    closed = replace(old, valid_to=min(old.valid_to, last_day) if old.valid_to else last_day)
    next_one = replace(new, code=old.code, version=old.version + 1)
    if old.valid_from is not None and begins <= old.valid_from:
        raise _overlap(old, next_one)
    _must_follow(closed, next_one)
    return closed, next_one


def must_begin(version: ProcedureVersion, *, today: date) -> date:
    """Return the first day of a sound version. Raises: NoFirstDay, BeginsInThePast, and what `must_be_sound` raises."""
    must_be_sound(version)
    if version.valid_from is None:
        raise NoFirstDay
    if version.valid_from < today:
        raise BeginsInThePast(begins=_day(version.valid_from), today=_day(today))
    return version.valid_from


def _must_follow(old: ProcedureVersion, new: ProcedureVersion) -> None:
    if old.valid_to is None or new.valid_from is None or new.valid_from <= old.valid_to:
        raise _overlap(old, new)
    wanted = old.valid_to + timedelta(days=1)
    if new.valid_from != wanted:
        raise GapBetweenVersions(
            procedure=new.code,
            old=old.version,
            new=new.version,
            ended=_day(old.valid_to),
            begins=_day(new.valid_from),
            wanted=_day(wanted),
        )


def _overlap(old: ProcedureVersion, new: ProcedureVersion) -> VersionsOverlap:
    return VersionsOverlap(
        procedure=new.code, old=old.version, new=new.version, begins=_day(new.valid_from), span=span(old)
    )


def span(version: ProcedureVersion) -> str:
    """Return from when to when a version holds, in words."""
    begins = f"từ {_day(version.valid_from)}" if version.valid_from else "không rõ ngày bắt đầu"
    return f"{begins} đến {_day(version.valid_to)}" if version.valid_to else begins


def _day(on: date | None) -> str:
    return f"{on:%d/%m/%Y}" if on else "ngày không rõ"


# --- in words ---------------------------------------------------------------------------------------------------------


def differences(old: ProcedureVersion, new: ProcedureVersion) -> tuple[Difference, ...]:
    """Return what the new version says otherwise, in the order of LABELS; its number and days are no change."""
    return tuple(_differences(old, new))


def _differences(old: ProcedureVersion, new: ProcedureVersion) -> Iterator[Difference]:
    for name, label in LABELS.items():
        if getattr(old, name) != getattr(new, name):
            before, after = said(old, name), said(new, name)
            counts = name in MARKS or (name == "status" and _is_over(old, new))
            yield Difference(name=name, label=label, before=before, after=after, counts=counts)


def _is_over(old: ProcedureVersion, new: ProcedureVersion) -> bool:
    """Tell whether a procedure is abolished by a change, or comes back by it."""
    return ProcedureStatus.ABOLISHED in (old.status, new.status)


def said(version: ProcedureVersion, name: str) -> str:
    """Return what a version says in one of its fields; what nobody knows says so."""
    value = getattr(version, name)
    words = _WORDS.get(name, str)
    if value is None or value == "":
        return UNVERIFIED if value is None else "không ghi"
    return words(value)


LABELS: dict[str, str] = {
    "name": "Tên thủ tục",
    "status": "Tình trạng",
    "level": "Cấp thực hiện",
    "field": "Lĩnh vực",
    "limit": "Thời hạn",
    "limit_text": "Thời hạn bằng chữ",
    "same_day": "Trả trong ngày",
    "statutory_limit": "Thời hạn luật định",
    "cut_basis": "Căn cứ cắt giảm",
    "pause_policy": "Khi chờ bổ sung",
    "fee": "Phí, lệ phí",
    "fee_basis": "Căn cứ phí, lệ phí",
    "carriable": "Gửi hồ sơ qua bưu điện",
    "result_carriable": "Nhận kết quả qua bưu điện",
    "why_not": "Lý do không gửi qua bưu điện",
    "competence": "Cơ quan giải quyết",
    "boundary": "Nộp ngoài địa giới",
    "boundary_basis": "Căn cứ nộp ngoài địa giới",
    "online_level": "Mức độ trực tuyến",
    "source_system": "Hệ thống giải quyết",
    "source_takes_files": "Hệ thống nhận tệp",
    "papers": "Giấy tờ phải nộp",
    "papers_verified": "Danh sách giấy tờ đã đối chiếu",
    "short_names": "Tên gọi tắt",
    "note": "Ghi chú",
    "basis": "Căn cứ",
    "verified": "Mã, tên, cấp, thời hạn đã đối chiếu",
    "agency_source": "Cổng của cơ quan",
    "agency_seen_on": "Ngày xem cổng của cơ quan",
    "national": "Danh mục quốc gia ghi",
}
"""Every field of a version that may change, as people call it; its key and its days of validity are not among them."""


def _yes(value: bool) -> str:  # noqa: FBT001 - a value to be put into words
    return "có" if value else "không"


def _money(value: int) -> str:
    return f"{value:,}".replace(",", ".") + " đ"


def _rule(rule: CompetenceRule) -> str:
    said = f"{department_name(rule.department)} ({LEVEL_NAMES[rule.level]}); căn cứ: {rule.basis}"
    if rule.organisation_level is None:
        return said
    other = f"{department_name(rule.organisation_department)} ({LEVEL_NAMES[rule.organisation_level]})"
    return f"{said}; với tổ chức: {other}; căn cứ: {rule.organisation_basis}"


def department_name(department: str) -> str:
    """Return what a kind of department is called; one without a name here is shown as it is written."""
    return DEPARTMENT_NAMES.get(department, department)


DEPARTMENT_NAMES: dict[str, str] = {
    "UBND_XA": "Ủy ban nhân dân cấp xã",
    "CONG_AN_XA": "Công an cấp xã",
    "CONG_AN_TINH": "Công an cấp tỉnh",
    "SO_TU_PHAP": "Sở Tư pháp",
    "SO_XAY_DUNG": "Sở Xây dựng",
    "SO_NOI_VU": "Sở Nội vụ",
    "SO_Y_TE": "Sở Y tế",
    "SO_TAI_CHINH": "Sở Tài chính",
    "SO_NONG_NGHIEP_MOI_TRUONG": "Sở Nông nghiệp và Môi trường",
    "SO_CONG_THUONG": "Sở Công Thương",
    "VAN_PHONG_DKDD": "Văn phòng đăng ký đất đai",
}


def _entry(entry: NationalEntry) -> str:
    named = (("thời hạn", entry.limit_text), ("giấy tờ", entry.papers_text), ("lệ phí", entry.fee_text))
    return "; ".join(f"{name}: {text}" for name, text in named if text) or "không ghi"


def _papers(papers: Sequence[PaperRequired]) -> str:
    return "; ".join(map(paper_said, papers)) or "chưa có dòng nào"


def paper_said(paper: PaperRequired) -> str:
    """Return one paper of a list with its counts, in words."""
    counts = ((paper.originals, "bản chính"), (paper.certified, "bản sao chứng thực"), (paper.copies, "bản sao"))
    asked = ", ".join(f"{count} {name}" for count, name in counts if count) or "số bản tùy loại"
    back = {True: ", trả lại", False: ", giữ lại", None: ""}[paper.returned_to_citizen]
    scan = {True: ", số hóa", False: ", không số hóa", None: ""}[paper.digitise]
    return f"{paper.name} ({asked}{'' if paper.required else ', khi cần'}{back}{scan})"


_WORDS: dict[str, Callable[..., str]] = {
    "status": STATUS_NAMES.__getitem__,
    "same_day": _yes,
    "pause_policy": PAUSE_NAMES.__getitem__,
    "fee": _money,
    "carriable": _yes,
    "result_carriable": _yes,
    "competence": _rule,
    "boundary": BOUNDARY_NAMES.__getitem__,
    "online_level": ONLINE_NAMES.__getitem__,
    "source_takes_files": _yes,
    "papers": _papers,
    "papers_verified": _yes,
    "short_names": ", ".join,
    "verified": _yes,
    "agency_seen_on": _day,
    "national": _entry,
}
