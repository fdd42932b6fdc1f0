"""Back to the authority: what cannot be delivered on a lawful ground, one by one or everything that is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, codes, permissions, run, segments
from postal.domain.dossier import Dossier
from postal.domain.events import DeclaredUndeliverable, Ground
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import NoSuccessor, UnknownPlace
from postal.domain.refusals import Refused
from postal.services import destinations, messages
from postal.store import Ledger, Store

LONGEST_AUTHORITY = 60
"""Letters of an authority's name in a message, so that it stays one SMS segment."""


class NoRefusalRecord(Refused):
    """A refusal is recorded with who refused and whether he signed."""

    code = "no_refusal_record"
    vi = (
        "Chưa ghi ai từ chối nhận {item}. Ghi họ tên, số giấy tờ của người từ chối và chữ ký; "
        "không chịu ký thì ghi rõ không ký và người làm chứng."
    )
    en = "Say who refused {item}: name, number of the identity paper, signed or not and before whom."


@dataclass(frozen=True, kw_only=True, slots=True)
class SentBack:
    """What a batch did: the items that go back now, and by code why another one does not."""

    items: tuple[Item, ...]
    refused: tuple[tuple[str, Refused], ...]


def declare_undeliverable(
    store: Store, code: str, *, ground: Ground, reason: str, by: Actor, at: datetime, record: str = ""
) -> Item:
    """Send an item back to the authority on one of the five lawful grounds (Luật Bưu chính Đ.17.1).

    `reason` says what happened and is kept sealed, with `record` for a refusal: who refused, by which paper, and his
    signature (TTLT 18/2015). Two unanswered invitations need no reason: they are in the ledger. It goes to the desk
    that received the dossier, or to whoever continues it.

    Raises: GroundNotPicked, NoGroundReason, NoRefusalRecord, GoesBack, NotAtItsOffice, NotForCitizen, NoSuccessor,
    NotCustodian, NotNow, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.SEND_BACK)
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        words = _sealed_words(found, ground=ground, reason=reason, record=record)
        dossier = ledger.dossier(found.dossier)
        event = _declared(ledger, found, dossier, ground=ground, words=words, by=by, at=at)
        return _sent(ledger, [(found, event)])[0]


def send_back_all(store: Store, office: str, *, by: Actor, at: datetime) -> SentBack:
    """Send back everything of an office that the actor holds and nobody came for after two invitations.

    One that cannot go, because nobody knows who continues its authority, keeps the others from nothing.

    Raises: NotOwnOffice, Forbidden.
    """
    permissions.require(by, Permission.SEND_BACK)
    with store.begin(at=at) as ledger:
        run.must_work_at(office, name=ledger.reference.place(office).name, by=by)
        due = _unanswered(ledger.items_at(office), on=calendars.local(at).date(), by=by)
        return _declare_each(ledger, due, by=by, at=at)


def _unanswered(items: Iterable[Item], *, on: date, by: Actor) -> list[Item]:
    return [i for i in items if i.is_unanswered(on=on) and by.acts_for(i.custodian) and run.rests_at_its_office(i)]


def _declare_each(ledger: Ledger, due: Sequence[Item], *, by: Actor, at: datetime) -> SentBack:
    """Send back what can be sent, in a few statements; the rest is named with its reason."""
    events: list[tuple[Item, DeclaredUndeliverable]] = []
    refused: list[tuple[str, Refused]] = []
    for found, dossier in zip(due, ledger.dossiers([each.dossier for each in due]), strict=True):
        try:
            events.append((found, _declared(ledger, found, dossier, ground=Ground.TWO_INVITATIONS, by=by, at=at)))
        except (NoSuccessor, UnknownPlace) as why:
            refused.append((found.code, why))
    return SentBack(items=tuple(_sent(ledger, events)), refused=tuple(refused))


def _declared(
    ledger: Ledger, found: Item, dossier: Dossier, *, ground: Ground, by: Actor, at: datetime, words: str = ""
) -> DeclaredUndeliverable:
    """Return what happens to an item; nothing of it is written yet but the sealed words."""
    run.must_be_for_citizen(found)
    event = found.declare_undeliverable(
        ground=ground,
        destination=destinations.authority_of(ledger, dossier, on=calendars.local(at).date()),
        reason=ledger.texts.put(found.dossier, words) if words else "",
        by=by,
        at=at,
    )
    if not run.rests_at_its_office(found):
        raise run.NotAtItsOffice(item=codes.shown(found.code), office=found.destination.name, holder=found.custodian)
    return event


def _sent(ledger: Ledger, events: Sequence[tuple[Item, DeclaredUndeliverable]]) -> list[Item]:
    """Record what goes back, and owe each citizen the message."""
    back = ledger.append_all(events)
    for each, dossier in zip(back, ledger.dossiers([each.dossier for each in back]), strict=True):
        words = sent_back_words(each.destination.name)
        messages.owe_sender(ledger, dossier, fact=f"sent_back_{each.code}", words=words, about=each.code)
    return back


def _sealed_words(found: Item, *, ground: Ground, reason: str, record: str) -> str:
    """Return what is kept of a ground that somebody picked. Raises: NoRefusalRecord."""
    if ground is Ground.REFUSED and not record.strip():
        raise NoRefusalRecord(item=codes.shown(found.code))
    return "\n".join(text.strip() for text in (reason, record) if text.strip())


def sent_back_words(authority: str) -> str:
    """Return the words of the message that an envelope goes back, one segment whatever the authority is called."""
    return f"không phát được, bưu điện trả lại {segments.shortened(authority, most=LONGEST_AUTHORITY)}"
