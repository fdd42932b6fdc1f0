"""Phiếu gửi: the receipt that is a written contract, A5, one copy for the citizen and one for the post.

Source: Decision 45/2016/QĐ-TTg art. 6.4 and 9.2, Circular 17/2017/TT-BTTTT art. 9. Only the citizen's copy carries the
secret and, where there is no telephone, the PIN on a strip to be torn off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from labels import payload, qr, typesetting

TITLE = "PHIẾU GỬI HỒ SƠ QUA BƯU ĐIỆN"
_TO_BE_WRITTEN = "." * 16


class Copy(Enum):
    """Whose copy it is."""

    CITIZEN = "citizen"
    WITHOUT_SECRET = "without_secret"  # noqa: S105 - the name of a copy, no password
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptParty:
    """Sender or receiver; what is empty is not printed."""

    name: str
    address: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One paper in the envelope, with how many of each sort."""

    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One amount in đồng; postage and administrative fees are separate charges and are never added up."""

    name: str
    amount: int
    payment: str


@dataclass(frozen=True, slots=True)
class ExpectedAtAuthority:
    """The post carries: all that can be said at the counter is when the authority should have the papers."""

    on: str


@dataclass(frozen=True, slots=True)
class ResultDue:
    """The post receives for the authority: the due date stands."""

    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What both sides sign; every text is printed as it stands, an empty one is left out."""

    code: str
    """What people type to look the dossier up; ten symbols, with or without hyphen."""
    public_url: str
    """Scheme and host of the look-up page."""
    secret: str = field(repr=False)
    pin: str = field(default="", repr=False)
    """Printed on the strip of the citizen's copy; empty where it went to a telephone."""
    title: str = TITLE
    office: str
    sender: ReceiptParty
    receiver: ReceiptParty
    on_behalf_of: str = ""
    service: str
    procedure: str
    papers: tuple[PaperLine, ...]
    papers_note: str = ""
    received_at: str
    received_place: str
    method: str
    weight: str
    item_code: str = ""
    post_number: str = ""
    seal_number: str = ""
    """Left as a dotted line when the envelope is sealed after printing."""
    quality: str
    promise: ExpectedAtAuthority | ResultDue
    charges: tuple[Charge, ...]
    rights: tuple[str, ...]
    liability: tuple[str, ...]
    hotline: str
    clerk: str = ""


def receipt_pdf(receipt: Receipt, *, copies: Sequence[Copy] = (Copy.CITIZEN, Copy.POST)) -> bytes:
    """Return the copies one after the other, A5, each beginning on a sheet of its own for two-sided printing.

    Raises: Unprintable, for a wrong code, secret or address; ValueError, if no copy is asked for.
    """
    if not copies:
        raise ValueError("There is no copy to print.")
    return typesetting.pdf(
        "receipt", {"receipt": _contract(receipt), "copies": [_COPIES[copy](receipt) for copy in copies]}
    )


def _citizens_copy(receipt: Receipt) -> dict[str, typesetting.Json]:
    symbol = qr.symbol(payload.receipt_url(receipt.public_url, receipt.secret))
    return {
        "kind": Copy.CITIZEN.value,
        "name": "Liên 1: Người gửi giữ",
        "qr": typesetting.picture(symbol),
        "host": payload.host(receipt.public_url),
        "pin": receipt.pin,
    }


def _posts_copy(receipt: Receipt) -> dict[str, typesetting.Json]:
    symbol = qr.symbol(payload.item_code(receipt.code))
    return {"kind": Copy.POST.value, "name": "Liên 2: Bưu điện giữ", "qr": typesetting.picture(symbol)}


def _copy_without_secret(receipt: Receipt) -> dict[str, typesetting.Json]:
    """Return the copy of whoever brings papers later: it opens nothing, the first one still does."""
    return _posts_copy(receipt) | {"name": "Liên 1: Người gửi giữ"}


_COPIES = {
    Copy.CITIZEN: _citizens_copy,
    Copy.WITHOUT_SECRET: _copy_without_secret,
    Copy.POST: _posts_copy,
}


def _contract(receipt: Receipt) -> dict[str, typesetting.Json]:
    """Return what stands on both copies; secret and PIN are none of it."""
    return {
        "code": payload.shown(receipt.code),
        "title": receipt.title,
        "office": receipt.office,
        "sender": _party(receipt.sender),
        "receiver": _party(receipt.receiver),
        "facts": [[name, value] for name, value in _facts(receipt) if value],
        "marks": [[name, value] for name, value in _marks(receipt) if value],
        "papers": [_paper(line) for line in receipt.papers],
        "papers_note": receipt.papers_note,
        "totals": _totals(receipt.papers),
        "charges": [[charge.name, charge.payment, dong(charge.amount)] for charge in receipt.charges],
        "expected": receipt.promise.on if isinstance(receipt.promise, ExpectedAtAuthority) else "",
        "due": receipt.promise.at if isinstance(receipt.promise, ResultDue) else "",
        "rights": list(receipt.rights),
        "liability": list(receipt.liability),
        "hotline": receipt.hotline,
        "clerk": receipt.clerk,
    }


def _facts(receipt: Receipt) -> Iterator[tuple[str, str]]:
    yield "Dịch vụ", receipt.service
    yield "Thủ tục", receipt.procedure
    yield "Hồ sơ của", receipt.on_behalf_of
    yield "Nhận lúc", receipt.received_at
    yield "Nhận tại", receipt.received_place
    yield "Phương thức", receipt.method
    yield "Chất lượng", receipt.quality


def _marks(receipt: Receipt) -> Iterator[tuple[str, str]]:
    yield "Khối lượng", receipt.weight
    yield "Số niêm phong", receipt.seal_number or _TO_BE_WRITTEN
    yield "Mã bưu gửi", payload.shown(receipt.item_code) if receipt.item_code else ""
    yield "Số hiệu", receipt.post_number


def _party(party: ReceiptParty) -> dict[str, typesetting.Json]:
    return {"name": party.name, "address": party.address, "phone": party.phone, "email": party.email}


def _paper(line: PaperLine) -> dict[str, typesetting.Json]:
    return {"name": line.name, "note": line.note, "counts": [line.originals, line.certified, line.copies]}


def _totals(lines: Sequence[PaperLine]) -> list[typesetting.Json]:
    return [
        sum(line.originals for line in lines),
        sum(line.certified for line in lines),
        sum(line.copies for line in lines),
    ]


def dong(amount: int) -> str:
    """Return an amount of đồng as people write it.

    >>> dong(1250000)
    '1.250.000\\xa0đ'
    """
    return f"{amount:,}".replace(",", ".") + "\N{NO-BREAK SPACE}đ"
