"""Giấy tiếp nhận hồ sơ và hẹn trả kết quả (form 01): one copy stays, one goes with the citizen, A5.

Fields: templates in use at one-stop desks. Up to 2018's set a paper has three counts, since 2025's its kind and number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labels import official_form
from labels.official_form import SIGN, Applicant, Block, Head, Piece

TITLE = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
COPIES = ("(Liên: Lưu)", "(Liên: Giao khách hàng)")
BLANK_LINES = 3
BRING = (
    "Khi đến nhận kết quả, mang theo giấy này, giấy tờ tùy thân và phí, lệ phí còn phải nộp (nếu có). "
    "Người nhận thay mang thêm giấy ủy quyền."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One paper that was handed in, and how many of each sort."""

    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceptionSlip:
    """What both sign at the desk; an empty text is a line to write on."""

    head: Head
    applicant: Applicant
    asks_for: str
    papers: tuple[HandedIn, ...]
    counts_apart: bool = False
    """The older layout: a column for originals, certified copies and photocopies each."""
    sets: str = ""
    limit: str = ""
    received_at: str = ""
    due_at: str = ""
    due_note: str = ""
    """Why the date may still move."""
    return_at: str = ""
    fees: str = ""
    submitter: str = ""
    officer: str = ""
    hotline: str


def reception_slip_pdf(slip: ReceptionSlip) -> bytes:
    """Return both copies on A5. Raises: Unprintable, if the code is none."""
    return official_form.form_pdf("a5", [_copy(slip, name) for name in COPIES])


def _copy(slip: ReceptionSlip, name: str) -> Piece:
    return Piece(
        head=slip.head, title=TITLE, subtitle=name, has_register_marks=True, blocks=tuple(_blocks(slip))
    )  # fmt: skip


def _blocks(slip: ReceptionSlip) -> Iterator[Block]:
    who = slip.applicant
    yield official_form.facts(
        [("Bộ phận Tiếp nhận và Trả kết quả", slip.head.desk)],
        [("Tiếp nhận hồ sơ của", who.owner)],
        [("Người nộp", who.submitter)],
        [("Địa chỉ", who.address)],
        [("Số điện thoại", who.phone), ("Email", who.email)],
        [("Số CMND/CC/Hộ chiếu", who.identity)],
        [("Nội dung yêu cầu giải quyết", slip.asks_for)],
    )
    yield official_form.words("1. Thành phần hồ sơ nộp gồm:")
    yield _papers_apart(slip.papers) if slip.counts_apart else _papers(slip.papers)
    yield official_form.facts(
        [("2. Số lượng hồ sơ (bộ)", slip.sets)],
        [("3. Thời gian giải quyết theo quy định", slip.limit)],
        [("4. Thời gian nhận hồ sơ", slip.received_at)],
        [("5. Thời gian trả kết quả", slip.due_at)],
    )
    if slip.due_note:
        yield official_form.words(slip.due_note, "small")
    yield official_form.facts(
        [("6. Thời gian nhận hồ sơ giai đoạn 2", "")],
        [("7. Thời gian trả kết quả giai đoạn 2", "")],
        [("Đăng ký nhận kết quả tại", slip.return_at)],
        [("Phí, lệ phí", slip.fees)],
        [("Vào Sổ theo dõi hồ sơ, Quyển số", slip.head.book), ("Số thứ tự", slip.head.entry)],
    )
    yield official_form.signatures(
        ("NGƯỜI NỘP HỒ SƠ", SIGN, slip.submitter), ("NGƯỜI TIẾP NHẬN HỒ SƠ", SIGN, slip.officer)
    )
    yield official_form.notes(f"Ghi chú: {BRING} Số điện thoại hỗ trợ: {slip.hotline}.")


def _papers_apart(papers: Sequence[HandedIn]) -> Block:
    rows = [
        (str(number), paper.name, *map(_count, (paper.originals, paper.certified, paper.copies)))
        for number, paper in enumerate(papers, start=1)
    ] or [(str(number), "", "", "", "") for number in range(1, BLANK_LINES + 1)]
    heads = ("TT", "Tên giấy tờ", "Số bản chính", "Số bản chứng thực", "Số bản photo")
    return official_form.table(heads, (8, -1, 15, 20, 15), rows, centred=(0, 2, 3, 4))


def _papers(papers: Sequence[HandedIn]) -> Block:
    rows: list[tuple[str | list[str], ...]] = [
        (str(number), paper.name, [kind for kind, _ in _sorts(paper)], [str(count) for _, count in _sorts(paper)])
        for number, paper in enumerate(papers, start=1)
    ]
    rows = rows or [(str(number), "", "", "") for number in range(1, BLANK_LINES + 1)]
    return official_form.table(
        ("STT", "Tên giấy tờ", "Loại giấy tờ", "Số lượng"), (10, -1, 34, 17), rows, centred=(0, 2, 3)
    )


def _sorts(paper: HandedIn) -> list[tuple[str, int]]:
    sorts = (
        ("Bản chính", paper.originals),
        ("Bản chứng thực", paper.certified),
        ("Bản photo", paper.copies),
    )
    return [(kind, count) for kind, count in sorts if count]


def _count(number: int) -> str:
    return str(number) if number else "–"
