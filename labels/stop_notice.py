"""Thông báo dừng giải quyết hồ sơ (form 05 since 2025): who asked, why, and what goes back, A5.

Only its name is known from the circular; the fields follow from Decree 118/2025/NĐ-CP art. 21, the layout is ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import official_form
from labels.official_form import SEAL, Applicant, Block, Head, Piece
from labels.reception_slip import HandedIn

TITLE = "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ"
CHANNELS = ("Trực tiếp", "Qua bưu chính", "Trực tuyến")


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNotice:
    """What the citizen reads; what nobody has recorded is a line to write on or an empty box."""

    head: Head
    applicant: Applicant
    asks_for: str
    requester: str = ""
    requested_on: str = ""
    channel: str = ""
    """One of CHANNELS, or empty."""
    reason: str
    basis: str
    stopped_on: str
    returned: tuple[HandedIn, ...]
    """Originals that go back."""
    refunded: str = ""
    signer: str = ""
    hotline: str


def stop_notice_pdf(notice: StopNotice) -> bytes:
    """Return the notice on A5. Raises: Unprintable, if the code is none."""
    return official_form.form_pdf("a5", [Piece(head=notice.head, title=TITLE, blocks=tuple(_blocks(notice)))])


def _blocks(notice: StopNotice) -> Iterator[Block]:
    yield official_form.fact("Kính gửi", notice.applicant.owner)
    yield official_form.facts(
        [("Địa chỉ", notice.applicant.address)],
        [("Mã hồ sơ", notice.head.official_code)],
        [("Nội dung yêu cầu giải quyết", notice.asks_for)],
        [("Người đề nghị dừng", notice.requester)],
        [("Ngày đề nghị", notice.requested_on)],
    )
    yield official_form.ticks("Kênh đề nghị", [(name, name == notice.channel) for name in CHANNELS])
    yield official_form.facts(
        [("Lý do dừng", notice.reason)],
        [("Căn cứ", notice.basis)],
        [("Ngày dừng giải quyết", notice.stopped_on)],
    )
    yield official_form.words("Giấy tờ trả lại:")
    yield _returned(notice)
    yield official_form.fact("Phí, lệ phí hoàn trả (nếu có)", notice.refunded)
    yield official_form.words(f"Số điện thoại hỗ trợ: {notice.hotline}.", "small")
    yield official_form.signatures(("", "", ""), ("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", SEAL, notice.signer))


def _returned(notice: StopNotice) -> Block:
    rows = [(str(number), paper.name, str(paper.originals)) for number, paper in enumerate(notice.returned, start=1)]
    blank = [(str(number), "", "") for number in (1, 2)]
    return official_form.table(("STT", "Tên giấy tờ", "Số bản chính"), (10, -1, 24), rows or blank, centred=(0, 2))
