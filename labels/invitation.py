"""Giấy mời nhận bưu gửi: what is put into a citizen's letter box when something waits for him at the office, A5.

His name and address stand on it, because it is a letter to him; what is inside the envelope does not.
Source: Postal law 49/2010/QH12 art. 17.1.d, Circular 17/2017/TT-BTTTT art. 5.2.h: two invitations, two working days
apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import payload, qr, typesetting

TITLE = "GIẤY MỜI NHẬN BƯU GỬI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One letter: no field for a procedure, a paper's name, an identity number or a telephone number of the citizen."""

    code: str
    """Ten symbols, with or without hyphen; the QR symbol carries the same and nothing else."""
    number: int
    """Which invitation it is, from 1."""
    of: int
    """After how many unanswered ones it goes back."""
    office: str
    office_address: str = ""
    office_phone: str = ""
    hours: str
    until: str
    receiver: str
    address: str
    bring: tuple[str, ...]
    printed_on: str
    hotline: str

    @property
    def is_last(self) -> bool:
        """Tell whether it goes back when this one is not answered."""
        return self.number >= self.of


def invitation_pdf(invitations: Sequence[Invitation]) -> bytes:
    """Return one A5 page for each invitation, in order; more only when a text is longer than any honest one.

    Raises: Unprintable, if a code is none; ValueError, if there is no invitation.
    """
    if not invitations:
        raise ValueError("There is no invitation to print.")
    return typesetting.pdf("invitation", {"title": TITLE, "letters": [_typeset(each) for each in invitations]})


def _typeset(letter: Invitation) -> dict[str, typesetting.Json]:
    return {
        "code": payload.shown(letter.code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(letter.code))),
        "number": letter.number,
        "of": letter.of,
        "is_last": letter.is_last,
        "office": letter.office,
        "office_address": letter.office_address,
        "office_phone": letter.office_phone,
        "hours": letter.hours,
        "until": letter.until,
        "receiver": letter.receiver,
        "address": letter.address,
        "bring": list(letter.bring),
        "printed_on": letter.printed_on,
        "hotline": letter.hotline,
    }
