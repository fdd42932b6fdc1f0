"""Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (form 02): all that is missing, in one paper of the authority, A5.

Source: form 02 of Circular 01/2018/TT-VPCP, kept as form 02 by Circular 03/2025. The QR symbol carries the code alone,
so that any counter finds the dossier and a passer-by learns nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import official_form
from labels.official_form import SIGN, Applicant, Block, Head, Piece

TITLE = "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"
WHERE = "Nộp tại bất kỳ bưu cục nào hoặc tại nơi yêu cầu, đưa phiếu này hoặc phiếu gửi. Nhờ người khác nộp cũng được."


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaper:
    """A paper to bring, and why it is asked for."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementRequest:
    """What the citizen reads; an empty text of the form is a line to write on."""

    head: Head
    applicant: Applicant
    asks_for: str
    """What the citizen wants of the authority: the procedure."""
    papers: tuple[AskedPaper, ...]
    reason: str = ""
    due: str = ""
    clock: str = ""
    """What becomes of the time limit meanwhile."""
    website: str
    officer: str = ""
    officer_phone: str = ""
    hotline: str


def supplement_request_pdf(request: SupplementRequest) -> bytes:
    """Return the slip on A5, one page for what a desk usually asks for, more when the list is long.

    Raises: Unprintable, if the code is none; ValueError, when nothing is asked for.
    """
    if not request.papers:
        raise ValueError("Nothing is asked for: there is no request to print.")
    return official_form.form_pdf("a5", [Piece(head=request.head, title=TITLE, blocks=tuple(_blocks(request)))])


def _blocks(request: SupplementRequest) -> Iterator[Block]:
    yield official_form.who(request.applicant)
    yield official_form.fact("Nội dung yêu cầu giải quyết", request.asks_for)
    yield official_form.words(
        f"Đề nghị ông/bà bổ sung, hoàn thiện {len(request.papers)} giấy tờ sau để có đủ căn cứ giải quyết:"
    )
    rows = [(str(number), each.name, each.reason) for number, each in enumerate(request.papers, start=1)]
    yield official_form.table(("STT", "Giấy tờ phải bổ sung, hoàn thiện", "Lý do"), (10, -1.3, -1), rows, centred=(0,))
    yield official_form.fact("Lý do", request.reason)
    if request.due:
        yield official_form.fact("Hạn bổ sung", request.due)
    yield official_form.words(" ".join(part for part in (WHERE, request.clock) if part), "boxed")
    yield official_form.contact(request.website, request.officer, request.officer_phone, hotline=request.hotline)
    yield official_form.signatures(("", "", ""), ("NGƯỜI HƯỚNG DẪN", SIGN, request.officer))
