"""Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (Mẫu số 02): all that is missing, in one paper of the authority, A5.

Source: form 02 of Circular 01/2018/TT-VPCP, kept as form 02 by Circular 03/2025. The QR symbol carries the code alone,
so that any counter finds the dossier and a passer-by learns nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import payload, qr, typesetting

TITLE = "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaper:
    """A paper to bring, and why it is asked for."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementRequest:
    """What the citizen reads; every text is printed as it stands, an empty one is left out."""

    code: str
    """Ten symbols, with or without hyphen; the QR symbol carries the same and nothing else."""
    official_code: str
    authority: str
    desk: str
    place_and_day: str
    citizen: str
    address: str = ""
    phone: str = ""
    email: str = ""
    asks_for: str
    """What the citizen wants of the authority: the procedure."""
    papers: tuple[AskedPaper, ...]
    reason: str = ""
    """Why it is asked a second time."""
    due: str = ""
    clock: str = ""
    """What becomes of the time limit meanwhile."""
    host: str
    hotline: str
    officer: str
    officer_phone: str = ""


def supplement_request_pdf(request: SupplementRequest) -> bytes:
    """Return the slip on A5, one page for what a desk usually asks for, more when the list is long.

    Raises: Unprintable, if the code is none; ValueError, when nothing is asked for.
    """
    if not request.papers:
        raise ValueError("Nothing is asked for: there is no request to print.")
    return typesetting.pdf("supplement-request", _typeset(request))


def _typeset(request: SupplementRequest) -> dict[str, typesetting.Json]:
    return {
        "title": TITLE,
        "code": payload.shown(request.code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(request.code))),
        "authority": request.authority,
        "desk": request.desk,
        "place_and_day": request.place_and_day,
        "facts": [[name, value] for name, value in _facts(request) if value],
        "papers": [{"name": paper.name, "reason": paper.reason} for paper in request.papers],
        "reason": request.reason,
        "due": request.due,
        "clock": request.clock,
        "host": request.host,
        "hotline": request.hotline,
        "officer": request.officer,
        "officer_phone": request.officer_phone,
    }


def _facts(request: SupplementRequest) -> Iterator[tuple[str, str]]:
    yield "Mã hồ sơ", request.official_code
    yield "Hồ sơ của", request.citizen
    yield "Địa chỉ", request.address
    yield "Điện thoại", request.phone
    yield "Email", request.email
    yield "Yêu cầu", request.asks_for
