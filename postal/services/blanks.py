"""Codes kept ahead for a workstation: a dossier's and its envelope's, so that it can register without network."""

from collections.abc import Callable
from datetime import datetime

from postal.domain import codes, permissions
from postal.domain.codes import CodeKind
from postal.domain.lifecycle import LabelBound
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import devices
from postal.store import Ledger, Store
from postal.store.devices import Blank

BLOCK = 100
"""So many codes a workstation has ahead: a day and more of a busy counter."""


class NotYourBlock(Refused):
    """Only the workstation that a code was kept for may bind it."""

    code = "not_your_block"
    vi = "Mã {code} không thuộc khối mã cấp cho máy này. Xem nhãn trên phong bì và báo trưởng bưu cục."
    en = "Code {code} is not of the block kept for this workstation. Check the label and tell the head of the office."


def refill(store: Store, device: str, *, by: Actor, at: datetime, below: Callable[[int], int]) -> list[Blank]:
    """Fill up the block of a workstation and return every code of it that is not bound yet.

    What was used without network and not told yet is among them: the workstation knows which.

    Raises: NotEnrolled, DeviceRevoked, Forbidden.
    """
    permissions.require(by, Permission.WORK_OFFLINE)
    permissions.require(by, Permission.REGISTER)
    with store.begin(at=at) as ledger:
        devices.must_be_trusted(ledger, device)
        lacking = BLOCK - len(ledger.blanks.unused(device))
        ledger.blanks.add_all([_minted(device, at=at, below=below) for _ in range(lacking)])
        return ledger.blanks.unused(device)


def bind(ledger: Ledger, *, code: str, item: str, device: str, place: str, at: datetime) -> None:
    """Use a code of a block, inside a transaction. Raises: NotYourBlock, LabelBound when it was used before.

    A machine whose browser lost its proof is known by the two codes, which nobody guesses, and by its office.
    """
    kept = next((blank for blank in ledger.blanks.of([code]) if blank.code == code), None)
    if kept is None or kept.item != item or not _is_of(ledger, kept, device=device, place=place):
        raise NotYourBlock(code=codes.shown(code))
    if not ledger.blanks.bind(code, at=at):
        raise LabelBound(thing=codes.shown(code))


def _is_of(ledger: Ledger, kept: Blank, *, device: str, place: str) -> bool:
    if kept.device == device:
        return True
    owner, other = ledger.devices.get(kept.device), ledger.devices.get(device)
    return other is None and owner is not None and not owner.is_revoked and owner.place == place


def _minted(device: str, *, at: datetime, below: Callable[[int], int]) -> Blank:
    dossier, item = (codes.mint(kind, below=below).text for kind in (CodeKind.DOSSIER, CodeKind.ITEM))
    return Blank(code=dossier, item=item, device=device, issued_at=at)
