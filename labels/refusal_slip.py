"""Phiếu từ chối tiếp nhận giải quyết hồ sơ (form 03): why the desk does not take it, A5."""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import official_form
from labels.official_form import SIGN, Applicant, Block, Head, Piece

TITLE = "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalSlip:
    """What the citizen reads; `refuser_title` differs between the sets."""

    head: Head
    applicant: Applicant
    asks_for: str
    reason: str
    website: str
    officer: str = ""
    officer_phone: str = ""
    submitter: str = ""
    refuser_title: str = "NGƯỜI TỪ CHỐI"
    hotline: str


def refusal_slip_pdf(slip: RefusalSlip) -> bytes:
    """Return the slip on A5. Raises: Unprintable, if the code is none."""
    return official_form.form_pdf("a5", [Piece(head=slip.head, title=TITLE, blocks=tuple(_blocks(slip)))])


def _blocks(slip: RefusalSlip) -> Iterator[Block]:
    yield official_form.who(slip.applicant)
    yield official_form.fact("Nội dung yêu cầu giải quyết", slip.asks_for)
    yield official_form.words(
        "Qua xem xét, Bộ phận Tiếp nhận và Trả kết quả thông báo không tiếp nhận, giải quyết hồ sơ này."
    )
    yield official_form.fact("Lý do từ chối", slip.reason)
    yield official_form.words("Giấy tờ đã nhận được trả lại ông/bà cùng phiếu này.")
    yield official_form.contact(slip.website, slip.officer, slip.officer_phone, hotline=slip.hotline)
    yield official_form.signatures(("NGƯỜI NỘP HỒ SƠ", SIGN, slip.submitter), (slip.refuser_title, SIGN, slip.officer))
