"""Biên bản giao nhận hồ sơ: one record for many items, counted line by line and signed by both sides, A4.

Source: Decision 45/2016/QĐ-TTg art. 7.3 and 7.4, Circular 17/2017/TT-BTTTT art. 5.1.g.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import payload, record, typesetting
from labels.record import Party

TITLE = "BIÊN BẢN GIAO NHẬN HỒ SƠ"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverLine:
    """One item of the record."""

    item_code: str
    """Ten symbols, with or without hyphen."""
    slip_number: str
    """Of the phiếu gửi, or the dossier's official code."""
    post_number: str = ""
    originals: int = 0
    certified: int = 0
    copies: int = 0
    seal_number: str = ""
    back: int = 0
    """Originals inside that go back to the citizen."""
    fee: str = ""
    """What is to be collected when the envelope is given, as it is written."""
    to_recover: int = 0
    """Papers to be got back from the receiver."""
    counted: str = ""
    """What the receiver counted, or empty for a box to tick by hand."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSheet:
    """What both sides sign."""

    number: str
    """The record's own code: ten symbols, with or without hyphen."""
    title: str = TITLE
    place: str
    time: str
    giver: Party
    receiver: Party
    lines: tuple[HandoverLine, ...]
    bags: str = ""
    """Bags and their seals, where items travel in bags."""
    has_whole_bags: bool = False
    """A line is a sealed bag, taken whole and counted when it is opened."""
    remarks: str = ""
    is_legal_submission: bool = False
    """The signing time is the legal submission time (art. 7.4): post to authority, on the way out."""


def handover_pdf(sheet: HandoverSheet) -> bytes:
    """Return the record on A4, as many pages as its lines need; both sides sign one and the same last page.

    Raises: Unprintable, for a wrong code; ValueError, for a record without lines.
    """
    if not sheet.lines:
        raise ValueError("A hand-over record names at least one item.")
    return typesetting.pdf("handover", _typeset(sheet))


def _typeset(sheet: HandoverSheet) -> dict[str, typesetting.Json]:
    return record.numbered(sheet.number) | {
        "title": sheet.title,
        "place": sheet.place,
        "time": sheet.time,
        "giver": record.party(sheet.giver),
        "receiver": record.party(sheet.receiver),
        "lines": [_line(line) for line in sheet.lines],
        "tells_more": any(line.back or line.fee or line.to_recover for line in sheet.lines),
        "totals": _totals(sheet.lines),
        "bags": sheet.bags,
        "has_whole_bags": sheet.has_whole_bags,
        "remarks": sheet.remarks,
        "is_legal_submission": sheet.is_legal_submission,
    }


def _line(line: HandoverLine) -> dict[str, typesetting.Json]:
    return {
        "code": payload.shown(line.item_code),
        "slip": line.slip_number,
        "post_number": line.post_number,
        "counts": [line.originals, line.certified, line.copies],
        "seal": line.seal_number,
        "more": [_number(line.back), line.fee or "–", _number(line.to_recover)],
        "counted": line.counted,
        "note": line.note,
    }


def _number(count: int) -> str:
    return str(count) if count else "–"


def _totals(lines: Sequence[HandoverLine]) -> list[typesetting.Json]:
    return [
        sum(line.originals for line in lines),
        sum(line.certified for line in lines),
        sum(line.copies for line in lines),
    ]
