"""Papers that the authority wants back: got from the receiver as he takes his result, sealed, on their way back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, codes, item, recovering
from postal.domain.codes import CodeKind
from postal.domain.events import ItemKind, PaperCount
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.refusals import Refused
from postal.services import destinations
from postal.store import Ledger


class RecoveredUnsealed(Refused):
    """Papers got back travel in an envelope that was sealed before the one who gave them."""

    code = "recovered_unsealed"
    vi = "Giấy tờ thu hồi phải niêm phong trước mặt người nhận. Cho vào phong bì, nhập số niêm phong rồi lưu."
    en = "Recovered papers are sealed before the receiver. Enter the number of the seal."


@dataclass(frozen=True, kw_only=True, slots=True)
class GotBack:
    """Which papers of the list were got back (lines from 1), their seal and envelope, and why some are missing.

    `label` is a label printed beforehand; without one the envelope gets a new code.
    """

    lines: tuple[int, ...] = ()
    seal: str = ""
    label: str = ""
    why_fewer: str = ""


NOTHING = GotBack()


def count_of(found: Item, got: GotBack) -> int:
    """Return how many papers of the item's list were got back."""
    return len(_lines(found, got))


def take(
    ledger: Ledger, result: Item, got: GotBack, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> Item | None:
    """Register what was got back as an envelope to the authority, held by who holds the result; None for nothing.

    Raises: RecoveredUnsealed, destinations.AuthorityGone, LabelBound, WrongCode.
    """
    lines = _lines(result, got)
    if not lines:
        return None
    if not got.seal:
        raise RecoveredUnsealed
    code = codes.parse(got.label, kind=CodeKind.ITEM).text if got.label else codes.mint(CodeKind.ITEM, below=below).text
    dossier = ledger.dossier(result.dossier)
    text = ledger.texts.get([result.recover]).get(result.recover, "")
    names = recovering.names(text, count=result.to_recover)
    event = item.register(
        code=code,
        kind=ItemKind.RECOVERED,
        dossier=dossier.code,
        destination=destinations.authority_of(ledger, dossier, on=calendars.local(at).date()),
        custodian=result.custodian,
        papers=tuple(PaperCount(line=number, originals=1) for number in range(1, len(lines) + 1)),
        contents=ledger.texts.put(dossier.code, recovering.written([names[line - 1] for line in lines])),
        by=by,
        at=at,
    )
    envelope = ledger.begin(Item, code, event)
    return ledger.append(envelope, envelope.close_seal(seal=got.seal, by=by, at=at))


def _lines(result: Item, got: GotBack) -> list[int]:
    return [line for line in range(1, result.to_recover + 1) if line in got.lines]
