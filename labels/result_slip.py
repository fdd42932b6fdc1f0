"""Phiếu gửi of a result: the contract whose sender is the authority, A5, one copy for it and one for the post.

The citizen signs the post's copy when the result is given. Source: Decision 45/2016/QĐ-TTg art. 6.4, 9.2 and 10,
Circular 17/2017/TT-BTTTT art. 9. Neither copy carries a secret.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from labels import payload, qr, typesetting
from labels.receipt import PaperLine, ReceiptParty

TITLE = "PHIẾU GỬI KẾT QUẢ QUA BƯU ĐIỆN"
_TO_BE_WRITTEN = "." * 16


class SlipCopy(Enum):
    """Whose copy it is."""

    AUTHORITY = "Liên 1: Cơ quan gửi giữ"
    POST = "Liên 2: Bưu điện giữ, người nhận ký"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSlip:
    """What authority and post sign; an empty text is left out or becomes a line to write on."""

    item_code: str
    """Ten symbols, with or without hyphen."""
    dossier_code: str
    official_code: str = ""
    post_number: str = ""
    seal_number: str = ""
    is_pre_sealed: bool = False
    """The authority sealed it beforehand, so the post did not count what is inside (art. 9.4)."""
    office: str
    sender: ReceiptParty
    receiver: ReceiptParty
    procedure: str = ""
    papers: tuple[PaperLine, ...]
    to_recover: tuple[str, ...] = ()
    """Names of the papers that are got back from the receiver before the result is given."""
    fee: str = ""
    """What is collected from the receiver for the authority, as it is written."""
    postage: str = ""
    """How the postage is paid."""
    received_at: str
    received_place: str
    method: str
    quality: str
    rights: tuple[str, ...]
    liability: tuple[str, ...]
    hotline: str
    officer: str = ""
    clerk: str = ""


def result_slips_pdf(
    slips: Sequence[ResultSlip], *, copies: Sequence[SlipCopy] = (SlipCopy.AUTHORITY, SlipCopy.POST)
) -> bytes:
    """Return the copies of every slip one after the other, A5, each beginning on a page of its own.

    Raises: Unprintable, for a wrong code; ValueError, if there is no slip or no copy.
    """
    if not slips or not copies:
        raise ValueError("There is no copy to print.")
    return typesetting.pdf(
        "result-slip", {"slips": [_slip(slip) for slip in slips], "copies": [copy.value for copy in copies]}
    )


def _slip(slip: ResultSlip) -> dict[str, typesetting.Json]:
    return {
        "code": payload.shown(slip.item_code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(slip.item_code))),
        "title": TITLE,
        "office": slip.office,
        "sender": _party(slip.sender),
        "receiver": _party(slip.receiver),
        "marks": [[name, value] for name, value in _marks(slip) if value],
        "facts": [[name, value] for name, value in _facts(slip) if value],
        "papers": [_paper(line) for line in slip.papers],
        "to_recover": list(slip.to_recover),
        "is_pre_sealed": slip.is_pre_sealed,
        "terms": [*slip.rights, *slip.liability],
        "hotline": slip.hotline,
        "officer": slip.officer,
        "clerk": slip.clerk,
    }


def _marks(slip: ResultSlip) -> Iterator[tuple[str, str]]:
    yield "Mã tra cứu", payload.shown(slip.dossier_code)
    yield "Mã hồ sơ", slip.official_code
    yield "Số niêm phong", slip.seal_number or _TO_BE_WRITTEN
    yield "Số hiệu", slip.post_number


def _facts(slip: ResultSlip) -> Iterator[tuple[str, str]]:
    yield "Thủ tục", slip.procedure
    yield "Nhận lúc", slip.received_at
    yield "Nhận tại", slip.received_place if slip.received_place != slip.sender.name else ""
    yield "Phương thức", slip.method
    yield "Chất lượng", slip.quality
    yield "Phải thu khi giao", slip.fee
    yield "Cước bưu chính", slip.postage or _TO_BE_WRITTEN


def _party(party: ReceiptParty) -> dict[str, typesetting.Json]:
    return {
        "name": party.name or _TO_BE_WRITTEN,
        "address": party.address or _TO_BE_WRITTEN,
        "phone": party.phone,
        "email": party.email,
    }


def _paper(line: PaperLine) -> dict[str, typesetting.Json]:
    return {"name": line.name, "note": line.note, "counts": [line.originals, line.certified, line.copies]}
