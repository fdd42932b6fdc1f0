"""Biên lai thu phí and phiếu thu cước: what the citizen gets for his money, A5, three copies alike but for their name.

Fields: domain form "Biên lai thu phí" as post offices use it (Mẫu số, ký hiệu, số, loại phí, người nộp, mã hồ sơ, địa
chỉ, số tiền bằng số và chữ, hình thức thanh toán, P/LP; three liên). The number is ours; where the office fills in a
book of printed forms, its own form, series and number are printed beside it and never made up.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from labels import amount, payload, qr, typesetting

FEES_TITLE = "BIÊN LAI THU PHÍ, LỆ PHÍ"
POSTAGE_TITLE = "PHIẾU THU CƯỚC BƯU CHÍNH"
RECEIPTS_A_PART = 200
"""So many receipts are set at a time: what is set at once is held in memory at once."""


class Copy(Enum):
    """Whose copy (liên) it is; the value is what stands on it."""

    KEPT = "Liên 1: Lưu"
    PAYER = "Liên 2: Giao người nộp"
    AUTHORITY = "Liên 3: Nội bộ, kèm bảng kê nộp cơ quan"


ALL_COPIES = (Copy.KEPT, Copy.PAYER, Copy.AUTHORITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyReceipt:
    """One payment into one ledger; `amount` in đồng. Postage and fees are never on one receipt."""

    number: str
    """Its own code: ten symbols, with or without hyphen."""
    is_fees: bool
    printed: str = ""
    """Series and number of the printed form, where there is one."""
    office: str
    payer: str
    address: str = ""
    dossier: str
    """Ten symbols, with or without hyphen."""
    official_code: str = ""
    payee: str = ""
    """The authority the fees belong to."""
    basis: str
    amount: int
    payment: str
    time: str
    cashier: str


def receipt_pdf(receipt: MoneyReceipt, *, copies: Sequence[Copy] = ALL_COPIES) -> bytes:
    """Return the receipt on A5, one page a copy.

    Raises: Unprintable, for a wrong code; ValueError, for an amount below 0.
    """
    return receipts_pdf([receipt], copies=copies)


def receipts_pdf(receipts: Sequence[MoneyReceipt], *, copies: Sequence[Copy] = ALL_COPIES) -> bytes:
    """Return many receipts on A5 in one file, in the order given: the copies of each stand together.

    Raises: Unprintable, for a wrong code; ValueError, for no receipt, or an amount below 0.
    """
    if not receipts:
        raise ValueError("There is no receipt to print.")
    if len(receipts) <= RECEIPTS_A_PART:
        return typesetting.pdf("money-receipt", _part(receipts, copies))
    starts = range(0, len(receipts), RECEIPTS_A_PART)
    return typesetting.joined("money-receipt", (functools.partial(_later, receipts, copies, start) for start in starts))


def _later(receipts: Sequence[MoneyReceipt], copies: Sequence[Copy], start: int, _: int) -> dict[str, typesetting.Json]:
    """Return the part that begins with one of the receipts; they have no page numbers to go on."""
    return _part(receipts[start : start + RECEIPTS_A_PART], copies)


def _part(receipts: Sequence[MoneyReceipt], copies: Sequence[Copy]) -> dict[str, typesetting.Json]:
    return {"copies": [copy.value for copy in copies], "receipts": [_typeset(receipt) for receipt in receipts]}


def kind_of(basis: str) -> str:
    """Return whether what is taken is a phí or a lệ phí, as its own words say; both where they do not.

    >>> kind_of("Lệ phí cấp Phiếu lý lịch tư pháp"), kind_of("thông báo của cơ quan")
    ('Lệ phí (LP)', 'Phí, lệ phí (P/LP)')
    """
    word = basis.strip().casefold()
    if word.startswith("lệ phí"):
        return "Lệ phí (LP)"
    return "Phí (P)" if word.startswith("phí") and not word.startswith("phí, lệ phí") else "Phí, lệ phí (P/LP)"


def _typeset(receipt: MoneyReceipt) -> dict[str, typesetting.Json]:
    words = amount.in_words(receipt.amount)
    return {
        "title": FEES_TITLE if receipt.is_fees else POSTAGE_TITLE,
        "kind": kind_of(receipt.basis) if receipt.is_fees else "",
        "number": payload.shown(receipt.number),
        "qr": typesetting.picture(qr.symbol(payload.item_code(receipt.number))),
        "printed": receipt.printed,
        "office": receipt.office,
        "payer": receipt.payer,
        "address": receipt.address,
        "dossier": payload.shown(receipt.dossier),
        "official_code": receipt.official_code,
        "payee": receipt.payee,
        "basis": receipt.basis,
        "amount": grouped(receipt.amount),
        "in_words": words[:1].upper() + words[1:],
        "payment": receipt.payment,
        "time": receipt.time,
        "cashier": receipt.cashier,
    }


def grouped(number: int) -> str:
    """Return đồng as people write them: 135000 is 135.000."""
    return f"{number:,}".replace(",", ".")
