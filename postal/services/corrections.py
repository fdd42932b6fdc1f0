"""Strike an earlier step of an item or bag: a reason, two people, and nothing is edited (docs/decisions/0014)."""

from datetime import datetime

from postal.domain import bag as bags
from postal.domain import codes, corrections, permissions
from postal.domain import item as items
from postal.domain.bag import Bag
from postal.domain.corrections import NoCorrectionReason, NotCorrectable, Striking
from postal.domain.events import Corrected
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.store import Ledger, Store


def correct(
    store: Store, code: str, *, version: int, reason: str, by: Actor, second: Actor, at: datetime
) -> Item | Bag:
    """Strike a step; the end of an offer takes its offer with it. `second` signed with an own secret.

    Raises: NoCorrectionReason, NoSuchStep, NotCorrectable, OthersFollow, ClockBegan, SamePersonTwice, NoController,
    SideNotThere.
    """
    for each in (by, second):
        permissions.require(each, Permission.CORRECT)
    if not reason.strip():
        raise NoCorrectionReason
    with store.begin(at=at) as ledger:
        thing = _thing(ledger, code)
        striking = _striking(ledger, thing, version)
        corrections.must_sign(striking, by, second, thing=code)
        _must_leave_the_dossier(ledger, thing, striking)
        text = ledger.texts.put(thing.dossier if isinstance(thing, Item) else code, reason.strip())
        for struck in striking.versions:
            event = Corrected(version=struck, reason=text, second=second.as_author(), by=by.as_author(), occurred_at=at)
            thing = ledger.correct(thing, event)
        return thing


def _striking(ledger: Ledger, thing: Item | Bag, version: int) -> Striking:
    begin = items.begin if isinstance(thing, Item) else bags.begin
    return corrections.strike(thing.code, ledger.steps([thing.code])[thing.code], version, begin=begin)


def _must_leave_the_dossier(ledger: Ledger, thing: Item | Bag, striking: Striking) -> None:
    """Refuse what would change a clock that runs or a case that is closed."""
    for item in [thing] if isinstance(thing, Item) else ledger.items_in(thing.code):
        dossier = ledger.dossier(item.dossier)
        if dossier.closed_at is not None:
            raise NotCorrectable(thing=codes.shown(thing.code), why="Hồ sơ đã đóng. Lập biên bản sự cố.")
        corrections.must_leave_the_clock(striking, dossier.status)


def _thing(ledger: Ledger, code: str) -> Item | Bag:
    found: Item | Bag | None = ledger.known_items([code]).get(code) or ledger.known_bags([code]).get(code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    return found
