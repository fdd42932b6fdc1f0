"""Phiếu kiểm soát quá trình giải quyết hồ sơ (form 06 since 2025, 05 before): every signed hand-off a row, A4.

Fields: templates in use at one-stop desks, with their footnotes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from labels import official_form
from labels.official_form import Block, Head, Piece

TITLE = "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"
BY_POST = (
    "(1) Trường hợp hồ sơ được chuyển qua dịch vụ bưu chính công ích theo Quyết định số 45/2016/QĐ-TTg thì thời gian "
    "giao, nhận và việc ký nhận được thực hiện trên phiếu gửi, biên bản giao nhận của doanh nghiệp bưu chính."
)
BY_RECEIVER = "(2) Kết quả giải quyết hồ sơ do bên nhận hồ sơ ghi."
FOOTNOTES = (BY_POST, BY_RECEIVER)


class InTime(Enum):
    """What the receiving side says of the giving side's time; the value is what stands in the form."""

    BEFORE = "Trước hạn"
    ON_TIME = "Đúng hạn"
    LATE = "Quá hạn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One signed hand-off; an empty text is a line to write on, no result three empty boxes."""

    giver: str = ""
    receiver: str = ""
    at: str = ""
    giver_person: str = ""
    receiver_person: str = ""
    result: InTime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSlip:
    """What goes with the papers from hand to hand."""

    head: Head
    owner: str
    asks_for: str
    received_at: str
    due_at: str
    authority: str
    others: str = ""
    """Cơ quan phối hợp."""
    hops: tuple[Hop, ...]
    blank_rows: int = 0
    """Rows for what is still to come."""


def control_slip_pdf(slip: ControlSlip) -> bytes:
    """Return the slip on A4, as many pages as its rows need. Raises: Unprintable, if the code is none."""
    return official_form.form_pdf("a4", [Piece(head=slip.head, title=TITLE, blocks=tuple(_blocks(slip)))])


def _blocks(slip: ControlSlip) -> Iterator[Block]:
    yield official_form.facts(
        [("Kèm theo hồ sơ của", slip.owner)],
        [("Mã hồ sơ", slip.head.official_code)],
        [("Nội dung yêu cầu giải quyết", slip.asks_for)],
        [("Ngày nhận", slip.received_at)],
        [("Ngày, giờ hẹn trả", slip.due_at)],
        [("Cơ quan (bộ phận) giải quyết hồ sơ", slip.authority)],
        [("Cơ quan phối hợp giải quyết hồ sơ", slip.others)],
    )
    rows = (*slip.hops, *(Hop() for _ in range(slip.blank_rows)))
    yield {"kind": "hops", "rows": [_row(hop) for hop in rows]}
    yield official_form.notes("Ghi chú:", *FOOTNOTES)


def _row(hop: Hop) -> Block:
    return {
        "giver": hop.giver,
        "receiver": hop.receiver,
        "at": hop.at,
        "giver-person": hop.giver_person,
        "receiver-person": hop.receiver_person,
        "result": hop.result.value if hop.result else "",
        "note": hop.note,
    }
