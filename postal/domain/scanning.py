"""Digitising papers: whose pages are whose in a stack, what must not be scanned, what may be used again.

What cannot be known for sure is held for a person; nothing here guesses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.procedures import PaperRequired, ProcedureVersion
from postal.domain.refusals import Refused
from postal.domain.search import fold

MOST_PAGES = 200
"""Pages of one file; more is refused before anything is kept."""

LARGEST_FILE = 60 * 1024 * 1024
"""Bytes of one file as it comes from a scanner."""

BASIS = "Thông tư 03/2025/TT-VPCP Điều 5 khoản 2, chưa đối chiếu văn bản gốc"
"""What is not digitised; read in the decisions of two provinces, not yet in the circular itself."""

NO_SCAN_WORDS: dict[str, str] = {
    "online": "hồ sơ nộp trực tuyến, cơ quan đã có tệp",
    "show_only": "giấy tờ chỉ xuất trình để đối chiếu",
    "opinion": "văn bản lấy ý kiến, ý kiến của cơ quan",
    "secret": "tài liệu bí mật nhà nước",
}
"""The four grounds; a catalogue may give its own words with their basis instead."""

REUSE_BASIS = "Người dân đồng ý dùng lại giấy tờ đã số hóa"


class MustNotScan(Refused):
    """The law keeps this paper out of digitising (TT 03/2025/TT-VPCP art. 5.2)."""

    code = "must_not_scan"
    vi = "Không số hóa “{paper}”: {why}. Giữ bản giấy theo hồ sơ, bỏ các trang này ra."
    en = "“{paper}” must not be digitised: {why}. Keep the paper and drop these pages."


class NoSuchLine(Refused):
    """The dossier has no paper of that number."""

    code = "no_such_line"
    vi = "Hồ sơ {dossier} không có giấy tờ số {line}. Chọn giấy tờ trong danh sách của hồ sơ."
    en = "Dossier {dossier} has no paper number {line}. Choose one of its list."


class Forgotten(Refused):
    """The people of the dossier were erased by law; nothing of theirs is kept anew."""

    code = "forgotten"
    vi = "Dữ liệu cá nhân của hồ sơ {dossier} đã xóa theo quy định, không số hóa thêm. Bỏ các trang quét này."
    en = "The personal data of dossier {dossier} were erased by law. Drop these pages."


class NothingToScan(Refused):
    """The post never had papers of this dossier."""

    code = "nothing_to_scan"
    vi = (
        "Hồ sơ {dossier} chỉ nhận kết quả: bưu điện không giữ giấy tờ nào để số hóa; "
        "hồ sơ nộp trực tuyến thì không quét lại ({basis})."
    )
    en = "Dossier {dossier} only receives a result: there are no papers here to digitise ({basis})."


class NoPagesChosen(Refused):
    """A paper has at least one page."""

    code = "no_pages_chosen"
    vi = "Chưa chọn trang nào. Đánh dấu các trang của giấy tờ này, hoặc bấm “Hết giấy tờ ở trang này”."
    en = "No page is chosen. Tick the pages of this paper."


class PagesGone(Refused):
    """Somebody else filed or dropped them, or the button was pressed twice."""

    code = "pages_gone"
    vi = "Các trang này vừa được ghi vào giấy tờ khác hoặc đã bỏ. Tải lại trang để xem còn trang nào."
    en = "These pages were filed or dropped meanwhile. Reload the page."


class NotReusable(Refused):
    """The offer does not stand (any more)."""

    code = "not_reusable"
    vi = (
        "Không dùng lại được bản đã số hóa này: khác người, khác loại giấy tờ, hết hạn hoặc đã bị xóa. "
        "Quét bản mới của giấy tờ số {line}."
    )
    en = "That scan cannot be used again for paper {line}. Scan the paper anew."


class NoConsent(Refused):
    """Using a person's paper again needs that person's word."""

    code = "no_consent"
    vi = "Chưa đánh dấu người dân đồng ý dùng lại giấy tờ. Hỏi người dân rồi đánh dấu, hoặc quét bản mới."
    en = "The citizen's consent is not ticked. Ask, then tick, or scan the paper anew."


class ReadersBusy(Refused):
    """Too many files wait to be read; whoever waits keeps a place of the server from the counters."""

    code = "readers_busy"
    vi = "Đang có nhiều tệp quét chờ đọc. Chưa lưu gì. Gửi lại sau một phút."
    en = "Too many scanner's files wait to be read. Nothing was kept. Send it again in a minute."


class ShelfUnreachable(Refused):
    """Where files lie does not answer; what was sent is not kept."""

    code = "shelf_unreachable"
    vi = "Nơi lưu tệp không trả lời ({why}). Chưa ghi gì. Thử lại sau ít phút; nếu lặp lại, báo quản trị."
    en = "The file store does not answer ({why}). Nothing was recorded. Try again in some minutes."


class FileLost(Refused):
    """The register knows the file, the shelf does not have it."""

    code = "file_lost"
    vi = "Không mở được tệp đã số hóa: tệp không còn hoặc đã bị sửa. Báo quản trị chạy lệnh verify; giấy gốc vẫn còn."
    en = "The scan cannot be opened: it is gone or was changed. Tell the administrator to run verify."


class NotHere(Refused):
    """Only who takes part in a dossier touches its papers."""

    code = "not_here"
    vi = "Hồ sơ {dossier} không ở nơi làm việc của tài khoản này. Chuyển trang quét cho nơi đang giữ hồ sơ."
    en = "Dossier {dossier} is not at your place of work. Give the pages to the place that has it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """The digitised copy that counts for a line now: SHA-256 of the file, pages, bytes, media type.

    `source` is "dossier/line" where it was used again from another dossier, else empty. `valid_to` is the last day the
    paper itself states, None when it states none.
    """

    line: int
    file: str
    pages: int
    size: int
    kind: str
    at: datetime
    valid_to: date | None = None
    source: str = ""


# --- what may be scanned ----------------------------------------------------------------------------------------------


def required_for(name: str, version: ProcedureVersion | None) -> PaperRequired | None:
    """Return the line of the procedure's list that a paper answers to by its name, None for a typed one."""
    papers = version.papers if version else ()
    return next((paper for paper in papers if fold(paper.name) == fold(name)), None)


def why_not(required: PaperRequired | None) -> str:
    """Return why a paper must not be digitised and on which basis, empty when it may; what nobody has verified may."""
    if required is None or required.digitise is not False:
        return ""
    reason = required.no_scan_reason
    if reason in NO_SCAN_WORDS:
        return f"{NO_SCAN_WORDS[reason]} ({BASIS})"
    return reason or "danh mục ghi không số hóa"


def lines_to_scan(names: Sequence[str], *, lines: int, version: ProcedureVersion | None) -> tuple[int, ...]:
    """Return the numbers of the lines that are to be digitised; a line whose name is gone is one of them."""
    named = (names[line - 1] if line <= len(names) else "" for line in range(1, lines + 1))
    return tuple(line for line, name in enumerate(named, start=1) if not why_not(required_for(name, version)))


# --- a stack ----------------------------------------------------------------------------------------------------------


class Held(Enum):
    """Why a page waits for a person; the value is what the person reads."""

    NO_LABEL = "trước trang này không có nhãn nào"
    UNKNOWN = "nhãn có mã chưa có trong hệ thống"
    TWO_LABELS = "trang có nhãn của hai hồ sơ"
    ELSEWHERE = "hồ sơ trên nhãn không ở nơi này"
    CLOSED = "hồ sơ trên nhãn đã hủy hoặc không nhận thêm bản quét"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a page belongs: a dossier, or why it is held. `begins` tells that a label stands on it."""

    dossier: str = ""
    held: Held | None = None
    begins: bool = False


def label_code(text: str) -> str:
    """Return the code of a dossier or item that a symbol carries as a label does, empty for any other symbol.

    >>> label_code("7K2M49RTBQ"), label_code("https://example.vn"), label_code("T9C4N-7MBKP")
    ('7K2M49RTBQ', '', '')
    """
    try:
        code = codes.parse(text)
    except Refused:
        return ""
    return code.text if code.kind in (CodeKind.DOSSIER, CodeKind.ITEM) else ""


def split(pages: Sequence[frozenset[str]], found: Mapping[str, str | Held], *, default: str = "") -> tuple[Place, ...]:
    """Give each page of a stack its place: a label opens the part of its dossier, up to the next label.

    `pages` are the label codes seen on each page; `found` says for every code its dossier, or why it cannot be taken.
    `default` is the dossier of pages before the first label where a person named one; else these are held.
    """
    current = Place(dossier=default) if default else Place(held=Held.NO_LABEL)
    placed = []
    for seen in pages:
        if seen:
            current = _opened({found[code] for code in seen})
            placed.append(Place(dossier=current.dossier, held=current.held, begins=True))
        else:
            placed.append(current)
    return tuple(placed)


def _opened(places: set[str | Held]) -> Place:
    if len(places) > 1:
        return Place(held=Held.TWO_LABELS)
    place = places.pop()
    return Place(held=place) if isinstance(place, Held) else Place(dossier=place)


# --- using a paper again ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A digitised paper of an earlier dossier of the same person: its name there, and its scan."""

    dossier: str
    name: str
    scan: Scan


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A paper of this dossier that need not be scanned again: for which line, from where, digitised when."""

    line: int
    given: Given


def offers(names: Sequence[str], *, wanted: Iterable[int], given: Iterable[Given], on: date) -> dict[int, Offer]:
    """Return for the wanted lines the latest scan of a paper of the same name that is still valid on a day."""
    valid = [each for each in given if each.scan.valid_to is None or on <= each.scan.valid_to]
    valid.sort(key=lambda each: (each.scan.at, each.dossier))
    by_name = {fold(each.name): each for each in valid if each.name}
    named = {line: fold(names[line - 1]) for line in wanted if 0 < line <= len(names)}
    return {line: Offer(line=line, given=by_name[name]) for line, name in named.items() if name in by_name}
