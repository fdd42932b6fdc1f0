"""Văn bản xin lỗi và đề nghị gia hạn (form 04): why the result is late, and the new day, once in a dossier, A5.

Content: Decree 61/2018/NĐ-CP art. 19.9. Its layout in the circular has not been seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import official_form
from labels.official_form import SEAL, Applicant, Block, Head, Piece

TITLE = "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN"
OLD_TITLE = "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apology:
    """What the head of the authority signs; before that it is a draft with lines to write on."""

    head: Head
    applicant: Applicant
    title: str = TITLE
    asks_for: str
    authority: str
    received_at: str
    due_at: str
    cause: str = ""
    new_due_at: str = ""
    signer: str = ""
    is_draft: bool = False
    hotline: str


def apology_pdf(apology: Apology) -> bytes:
    """Return the letter on A5. Raises: Unprintable, if the code is none."""
    subtitle = "(Dự thảo, chưa ký)" if apology.is_draft else ""
    piece = Piece(head=apology.head, title=apology.title, subtitle=subtitle, blocks=tuple(_blocks(apology)))
    return official_form.form_pdf("a5", [piece])


def _blocks(apology: Apology) -> Iterator[Block]:
    yield official_form.fact("Kính gửi", apology.applicant.owner)
    yield official_form.fact("Địa chỉ", apology.applicant.address)
    yield official_form.facts(
        [("Mã hồ sơ", apology.head.official_code)],
        [("Nội dung yêu cầu giải quyết", apology.asks_for)],
        [("Ngày tiếp nhận hồ sơ", apology.received_at)],
        [("Ngày hẹn trả kết quả", apology.due_at)],
    )
    yield official_form.words(
        f"{apology.authority or 'Cơ quan giải quyết'} không trả được kết quả đúng thời gian đã hẹn."
    )
    yield official_form.fact("Lý do quá hạn", apology.cause)
    if not apology.cause:
        yield official_form.lines(2)
    yield official_form.fact("Đề nghị gia hạn, hẹn lại ngày trả kết quả", apology.new_due_at)
    yield official_form.words(
        "Chúng tôi xin lỗi ông/bà, tổ chức về sự chậm trễ này và mong được thông cảm. Ngày hẹn chỉ thay đổi một lần. "
        f"Số điện thoại hỗ trợ: {apology.hotline}."
    )
    yield official_form.signatures(("", "", ""), ("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", SEAL, apology.signer))
