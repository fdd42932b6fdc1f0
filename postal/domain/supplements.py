"""Papers that are missing: what the authority asked for, line by line, and what is still to come.

All missing papers stand in one request (Mẫu 02). The citizen brings them to any post office, in halves, on different
days; what is still missing is derived from the envelopes, never stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, codes
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.events import ItemKind
from postal.domain.item import Custody, Item
from postal.domain.refusals import Refused

SIGNED_BASIS = "QĐ 45/2016/QĐ-TTg Đ.7.4: lúc cơ quan ký nhận giấy tờ bổ sung cuối cùng do bưu điện chuyển"
NOTED_BASIS = "Cơ quan ghi nhận đã đủ giấy tờ; không phải tất cả đều do bưu điện chuyển và có ký nhận"
"""On what the instant rests at which a supplement was complete."""


class NothingAskedFor(Refused):
    """Somebody wants to add papers that the authority is not waiting for."""

    code = "nothing_asked_for"
    vi = "Hồ sơ {dossier} không có yêu cầu bổ sung nào đang chờ ({state}). Mời khách hỏi cơ quan giải quyết trước."
    en = "Nothing is being asked for in dossier {dossier} ({state})."


class AllBrought(Refused):
    """Everything that was asked for is in already."""

    code = "all_brought"
    vi = "Giấy tờ bổ sung của hồ sơ {dossier} đã nhận đủ {count}/{count}. Không nhận thêm; cơ quan sẽ báo khi cần."
    en = "All {count} papers asked for in dossier {dossier} are in already."


class NotAskedFor(Refused):
    """The post takes only what stands in the request, each line once (QĐ 45/2016 Đ.6)."""

    code = "not_asked_for"
    vi = "Dòng {line} không còn trong danh sách chờ bổ sung của hồ sơ {dossier}. Chỉ nhận giấy tờ cơ quan đã yêu cầu."
    en = "Line {line} is not asked for in dossier {dossier}, or was brought already."


class NotAWorkingDay(Refused):
    """Papers are asked for by a working day that is still ahead."""

    code = "not_a_working_day"
    vi = "Hạn bổ sung {day} {why}. Chọn ngày làm việc sau hôm nay, gần nhất là {next_day}."
    en = "Papers cannot be asked for by {day}. Choose a working day after today, such as {next_day}."


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedPaper:
    """A line of a request: which paper, and why it is asked for."""

    name: str
    reason: str = ""

    @property
    def told(self) -> str:
        """Return the line as people read it."""
        return f"{self.name} – vì {self.reason}" if self.reason else self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What the authority asked for, its lines numbered from 1; `reason` says why it asks again."""

    papers: tuple[AskedPaper, ...]
    reason: str = ""


def written(request: Request) -> str:
    """Return the text that is kept of a request: a line a paper, name and reason parted by a tab.

    >>> written(Request(papers=(AskedPaper(name="Ảnh 3×4", reason="thiếu"),), reason="lần hai"))
    'Ảnh 3×4\\tthiếu\\n\\tlần hai'
    """
    lines = [f"{_line(paper.name)}\t{_line(paper.reason)}" for paper in request.papers]
    return "\n".join([*lines, *([f"\t{_line(request.reason)}"] if request.reason else [])])


def read(text: str) -> Request:
    """Return the request that a text keeps; an erased one asks for nothing that could be named.

    >>> read("Ảnh 3×4\\tthiếu\\n\\tlần hai").papers[0].reason
    'thiếu'
    """
    parts = [line.partition("\t") for line in text.splitlines() if line.strip()]
    return Request(
        papers=tuple(AskedPaper(name=name, reason=reason) for name, _, reason in parts if name),
        reason=" ".join(reason for name, _, reason in parts if not name),
    )


def in_words(text: str) -> str:
    """Return a kept request in one sentence, as a timeline shows it.

    >>> in_words("Ảnh 3×4\\tthiếu\\nTờ khai\\t\\n\\tlần hai")
    'Ảnh 3×4 – vì thiếu; Tờ khai. Lý do yêu cầu lại: lần hai'
    """
    request = read(text)
    papers = "; ".join(paper.told for paper in request.papers)
    return f"{papers}. Lý do yêu cầu lại: {request.reason}" if request.reason else papers


def must_lie_ahead(day: date, *, calendar: WorkCalendar, at: datetime) -> None:
    """Refuse a day by which nobody can bring papers.

    Raises: NotAWorkingDay.
    """
    today = calendars.local(at).date()
    if day > today and calendar.is_working_day(day):
        return
    why = "là ngày nghỉ" if day > today else "đã qua hoặc là hôm nay"
    next_day = calendar.next_working_day(max(day, today))
    raise NotAWorkingDay(day=calendars.written(day), why=why, next_day=calendars.written(next_day))


# --- what came in -----------------------------------------------------------------------------------------------------


def is_awaited(dossier: Dossier) -> bool:
    """Tell whether the authority waits for papers."""
    return dossier.status is AgencyStatus.SUPPLEMENT


def must_be_awaited(dossier: Dossier) -> None:
    """Refuse what only makes sense while the authority waits for papers.

    Raises: NothingAskedFor.
    """
    if not is_awaited(dossier):
        state = AGENCY_STATUS_NAMES[dossier.status].lower()
        raise NothingAskedFor(dossier=codes.shown(dossier.code), state=state)


def brought(dossier: Dossier, items: Iterable[Item]) -> dict[int, Item]:
    """Return which envelope holds each line of the present request that somebody has brought."""
    mine = (item for item in items if _answers(item, dossier))
    return {paper.asked: item for item in mine for paper in item.papers if 0 < paper.asked <= dossier.asked_papers}


def still_missing(dossier: Dossier, items: Iterable[Item]) -> tuple[int, ...]:
    """Return the lines of the present request that nobody has brought yet."""
    if not is_awaited(dossier):
        return ()
    known = brought(dossier, items)
    return tuple(line for line in range(1, dossier.asked_papers + 1) if line not in known)


def must_be_missing(dossier: Dossier, items: Iterable[Item], lines: Sequence[int]) -> None:
    """Refuse papers that are not, or not any more, asked for; each line comes once.

    Raises: NothingAskedFor, AllBrought, NotAskedFor.
    """
    must_be_awaited(dossier)
    left = list(still_missing(dossier, items))
    if not left:
        raise AllBrought(dossier=codes.shown(dossier.code), count=dossier.asked_papers)
    for line in lines:
        if line not in left:
            raise NotAskedFor(dossier=codes.shown(dossier.code), line=line)
        left.remove(line)


def complete_at(dossier: Dossier, items: Iterable[Item]) -> datetime | None:
    """Return when the authority signed for the last asked paper, None while not all of them came by post.

    It is as exact as `signed_over_at` of the items: who starts a clock by it asks their bags first.
    Source: QĐ 45/2016/QĐ-TTg Đ.7.4.
    """
    known = brought(dossier, items)
    signed = [item.signed_over_at for item in known.values() if item.signed_over_at is not None]
    if not known or len(known) < dossier.asked_papers or len(signed) < len(known):
        return None
    return max(dossier.status_at, *signed)


def _answers(item: Item, dossier: Dossier) -> bool:
    """Tell whether an envelope answers the present request: a request before it has lines of its own."""
    is_alive = item.custody not in (Custody.VOIDED, Custody.DELIVERED)
    return item.kind is ItemKind.SUPPLEMENT and is_alive and item.registered_at >= dossier.status_at


def _line(text: str) -> str:
    return " ".join(text.split())
