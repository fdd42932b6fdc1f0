"""Bảng kê giao, nộp tiền: fees dossier by dossier, or what one till hands to another; A4, signed by two people."""

from dataclasses import dataclass

from labels import amount, payload, record, typesetting
from labels.money_receipt import grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """One dossier's fees, or one sum; đồng. `receipts` are the codes of its receipts."""

    code: str
    official_code: str = ""
    what: str
    receipts: str = ""
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyList:
    """What giver and receiver sign."""

    number: str
    """Its own code: ten symbols, with or without hyphen."""
    title: str
    place: str
    time: str
    giver: str
    giver_person: str = ""
    receiver: str
    receiver_person: str = ""
    lines: tuple[MoneyLine, ...]
    note: str = ""


def list_pdf(sheet: MoneyList) -> bytes:
    """Return the list on A4, as many pages as it needs; both sign on the last one.

    Raises: Unprintable, for a wrong code; ValueError, for a list without lines or below 0 in all.
    """
    if not sheet.lines:
        raise ValueError("A list of money names at least one sum.")
    return typesetting.pdf("money-list", _typeset(sheet))


def _typeset(sheet: MoneyList) -> dict[str, typesetting.Json]:
    total = sum(line.amount for line in sheet.lines)
    words = amount.in_words(total)
    return record.numbered(sheet.number) | {
        "title": sheet.title,
        "place": sheet.place,
        "time": sheet.time,
        "giver": {"unit": sheet.giver, "person": sheet.giver_person},
        "receiver": {"unit": sheet.receiver, "person": sheet.receiver_person},
        "lines": [_line(line) for line in sheet.lines],
        "total": grouped(total),
        "in_words": words[:1].upper() + words[1:],
        "note": sheet.note,
    }


def _line(line: MoneyLine) -> dict[str, typesetting.Json]:
    return {
        "code": payload.shown(line.code) if line.code else "",
        "official_code": line.official_code,
        "what": line.what,
        "receipts": line.receipts,
        "amount": grouped(line.amount),
    }
