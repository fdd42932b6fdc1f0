"""Who holds what: offering, counting and signing, on screen or on paper; internal moves; exceptions.

Each function is one transaction. A bag of fifty is one transaction and a few statements.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from postal.domain import codes, handover, permissions
from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.events import Declined, DeclineReason, Evidence, ItemKind, RecordAccepted, Sighted
from postal.domain.handover import HandoverRecord
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, Custodian, Side
from postal.domain.permissions import Permission
from postal.services import closing, departing, differences
from postal.store import Ledger, Store

NOTHING_DECLINED: Mapping[str, DeclineReason] = {}


def seal(store: Store, code: str, *, seal: str, by: Actor, at: datetime) -> Item:
    """Seal an item with the number of its seal."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        return ledger.append(item, item.close_seal(seal=seal, by=by, at=at))


def offer(
    store: Store,
    items: Sequence[str],
    *,
    to: Custodian,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
) -> HandoverRecord:
    """Draw up a hand-over record; custody stays with the giver until the other side signs."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        return draw_up(ledger, items, to=to, by=by, at=at, below=below)


def accept(
    store: Store,
    code: str,
    *,
    by: Actor,
    at: datetime,
    declined: Mapping[str, DeclineReason] = NOTHING_DECLINED,
) -> HandoverRecord:
    """Sign for what was counted; what was declined stays with the giver, with its reason."""
    permissions.require(by, Permission.RECEIVE)
    with store.begin(at=at) as ledger:
        return sign_for(ledger, ledger.record(code), declined=declined, by=by, at=at)


def hand_over_together(
    store: Store,
    items: Sequence[str],
    *,
    to: Custodian,
    giver: Actor,
    receiver: Actor,
    at: datetime,
    below: Callable[[int], int],
    declined: Mapping[str, DeclineReason] = NOTHING_DECLINED,
) -> HandoverRecord:
    """Offer and accept on one screen; each of the two signed in with a secret of their own."""
    permissions.require(giver, Permission.HAND_OVER)
    permissions.require(receiver, Permission.RECEIVE)
    with store.begin(at=at) as ledger:
        record = draw_up(ledger, items, to=to, by=giver, at=at, below=below)
        return sign_for(ledger, record, declined=declined, by=receiver, at=at)


def recall(store: Store, code: str, *, by: Actor, at: datetime) -> HandoverRecord:
    """Take back what nobody has signed for yet; a line that was signed for stays signed."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        record = ledger.record(code)
        ended = {*record.lines} - {*_waiting(ledger, record)}
        ends = {each: handover.end_of(told, record=code) for each, told in ledger.happened(ended).items()}
        recalled = ledger.append(record, record.recall(by=by, at=at, ends=ends))
        ledger.append_all([(item, item.recall(by=by, at=at)) for item in _still_offered(ledger, record)])
        ledger.append_all([(bag, bag.recall(by=by, at=at)) for bag in _bags_still_offered(ledger, record)])
        return recalled


def sign_on_paper(
    store: Store,
    code: str,
    *,
    signed_at: datetime,
    signer: str,
    photo: bytes,
    by: Actor,
    at: datetime,
    media_type: str = "image/jpeg",
    declined: Mapping[str, DeclineReason] = NOTHING_DECLINED,
) -> HandoverRecord:
    """Enter a record both signed in ink. `signed_at` is what stands on the paper: the legal time of the hand-over.

    `signer` is the name under the signature; it and the photo are kept sealed.
    """
    permissions.require(by, Permission.ENTER_SIGNED_PAPER)
    with store.begin(at=at) as ledger:
        record = ledger.record(code)
        declined = _with_gone(ledger, record, declined)
        event = record.sign_on_paper(
            declined=declined,
            photo=ledger.files.put(code, media_type=media_type, content=photo) if photo else "",
            signer=ledger.texts.put(code, signer),
            signed_at=signed_at,
            by=by,
            at=at,
        )
        _sign_items(ledger, record, declined=declined, evidence=event.evidence, by=by, at=signed_at)
        signed = ledger.append(record, event)
        departing.leave(ledger, signed, by=by, at=signed_at)
        return signed


def confirm(store: Store, code: str, *, by: Actor, at: datetime) -> HandoverRecord:
    """Confirm, for the receiving side, a record that was signed on paper."""
    permissions.require(by, Permission.RECEIVE)
    with store.begin(at=at) as ledger:
        record = ledger.record(code)
        return ledger.append(record, record.confirm(by=by, at=at))


def move(store: Store, things: Sequence[str], *, to: Custodian, by: Actor, at: datetime) -> list[Item]:
    """Carry items and whole bags between two positions of the same person: one internal step. Returns the items."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        bags = ledger.bags([code for code in things if is_bag(code)])
        ledger.append_all([(bag, bag.move(to=to, by=by, at=at)) for bag in bags])
        items = ledger.items([code for code in things if not is_bag(code)])
        return ledger.append_all([(item, item.move(to=to, by=by, at=at)) for item in items])


def sight(store: Store, code: str, *, by: Actor, at: datetime) -> bool:
    """Note that an item which came out of its bag unseen was scanned where it lies; tell whether that was new.

    Who only looks a code up from elsewhere has not seen the envelope.
    """
    with store.begin(at=at) as ledger:
        item = ledger.known_items([code]).get(code)
        if item is None or item.is_checked or not item.may(Sighted) or item.custodian.place != by.place:
            return False
        ledger.append(item, item.sight(by=by, at=at))
        return True


def take_over(store: Store, code: str, *, to: Custodian, reason: str, by: Actor, at: datetime) -> Item:
    """Take an item that nobody offered, and say why."""
    permissions.require(by, Permission.TAKE_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        text = ledger.texts.put(item.dossier, reason)
        taken = ledger.append(item, item.take_over(to=to, reason=text, by=by, at=at))
        differences.end_taken(ledger, [taken], by=by)
        return taken


def report_missing(store: Store, code: str, *, by: Actor, at: datetime) -> Item:
    """Say that an item one answers for cannot be found."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        return ledger.append(item, item.report_missing(by=by, at=at))


def report_damaged(store: Store, code: str, *, by: Actor, at: datetime) -> Item:
    """Say that an item one answers for is damaged."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        return ledger.append(item, item.report_damaged(by=by, at=at))


def draw_up(
    ledger: Ledger,
    things: Sequence[str],
    *,
    to: Custodian,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    dispatch: str = "",
) -> HandoverRecord:
    """Draw up a record over items and sealed bags and offer each of them, inside a transaction."""
    wanted = list(dict.fromkeys(things))
    items = ledger.items([code for code in wanted if not is_bag(code)])
    bags = ledger.bags([code for code in wanted if is_bag(code)])
    code = codes.mint(CodeKind.HANDOVER, below=below).text
    offered = [(item, item.hand_over(to=to, record=code, by=by, at=at)) for item in items]
    offered_bags = [(bag, bag.hand_over(to=to, record=code, by=by, at=at)) for bag in bags]
    held: list[Item | Bag] = [*items, *bags]
    event = handover.offer(
        giver=held[0].custodian if held else to,
        receiver=to,
        items=tuple(item.code for item in items),
        bags=tuple(bag.code for bag in bags),
        dispatch=dispatch,
        by=by,
        at=at,
    )
    _must_have_one_giver(held)
    record = ledger.begin(HandoverRecord, code, event)
    ledger.append_all(offered)
    ledger.append_all(offered_bags)
    return record


def is_bag(code: str) -> bool:
    """Tell whether a code is a bag's."""
    return code.startswith(CodeKind.BAG.value)


def _must_have_one_giver(held: Sequence[Item | Bag]) -> None:
    for each in held:
        if not each.custodian.is_same_as(held[0].custodian):
            raise handover.TwoGivers(first=held[0].custodian, second=each.custodian)


def sign_for(
    ledger: Ledger,
    record: HandoverRecord,
    *,
    declined: Mapping[str, DeclineReason],
    by: Actor,
    at: datetime,
) -> HandoverRecord:
    """Sign a record for the receiver, inside a transaction; what is declined stays with the giver."""
    declined = _with_gone(ledger, record, declined)
    signed = ledger.append(record, record.accept(declined=declined, by=by, at=at))
    items = _still_offered(ledger, record)
    taken = ledger.append_all([(i, i.accept(by=by, at=at)) for i in items if i.code not in declined])
    left = [(i, i.decline(reason=declined[i.code], by=by, at=at)) for i in items if i.code in declined]
    bags = _bags_still_offered(ledger, record)
    taken_bags = ledger.append_all([(b, b.accept(by=by, at=at)) for b in bags if b.code not in declined])
    left_bags = [(b, b.decline(reason=declined[b.code], by=by, at=at)) for b in bags if b.code in declined]
    _leave(ledger, signed, left, left_bags, by=by)
    differences.end_taken(ledger, [*taken, *taken_bags], by=by)
    _close_what_is_done(ledger, record, by=by, at=at)
    departing.leave(ledger, signed, by=by, at=at)
    return signed


def _leave(
    ledger: Ledger,
    record: HandoverRecord,
    items: Sequence[tuple[Item, Declined]],
    bags: Sequence[tuple[Bag, Declined]],
    *,
    by: Actor,
) -> None:
    """Leave with the giver what was not taken; each is somebody's to answer."""
    kept: list[Item | Bag] = [*ledger.append_all(items), *ledger.append_all(bags)]
    reasons = [event.reason for _, event in (*items, *bags)]
    differences.note_declined(ledger, record, list(zip(kept, reasons, strict=True)), by=by)


def sign_for_bag(ledger: Ledger, bag: Bag, *, by: Actor, at: datetime) -> Bag:
    """Sign for one bag that was offered, inside a transaction: its line of the record is taken, the others wait.

    Whoever takes the last line signs the record. (docs/decisions/0013-bags.md)
    """
    ledger.lock(HandoverRecord, [bag.record])
    record = ledger.known_records([bag.record]).get(bag.record)
    waits = record is not None and {*_waiting(ledger, record)} - {bag.code}
    if record is None or waits:
        taken = ledger.append(bag, bag.accept(by=by, at=at))
        differences.end_taken(ledger, [taken], by=by)
        return taken
    sign_for(ledger, record, declined=NOTHING_DECLINED, by=by, at=at)
    return ledger.bag(bag.code)


def _waiting(ledger: Ledger, record: HandoverRecord) -> list[str]:
    """Return the lines of a record that wait for a signature."""
    items, bags = _still_offered(ledger, record), _bags_still_offered(ledger, record)
    return [*(item.code for item in items), *(bag.code for bag in bags)]


def _sign_items(
    ledger: Ledger,
    record: HandoverRecord,
    *,
    declined: Mapping[str, DeclineReason],
    evidence: Evidence,
    by: Actor,
    at: datetime,
) -> None:
    items = _still_offered(ledger, record)
    taken = ledger.append_all(
        [(i, i.sign_on_paper(evidence=evidence, by=by, at=at)) for i in items if i.code not in declined]
    )
    left = [(i, i.decline_on_paper(reason=declined[i.code], by=by, at=at)) for i in items if i.code in declined]
    bags = _bags_still_offered(ledger, record)
    taken_bags = ledger.append_all(
        [(b, b.sign_on_paper(evidence=evidence, by=by, at=at)) for b in bags if b.code not in declined]
    )
    left_bags = [(b, b.decline_on_paper(reason=declined[b.code], by=by, at=at)) for b in bags if b.code in declined]
    _leave(ledger, record, left, left_bags, by=by)
    differences.end_taken(ledger, [*taken, *taken_bags], by=by)
    _close_what_is_done(ledger, record, by=by, at=at)


def _close_what_is_done(ledger: Ledger, record: HandoverRecord, *, by: Actor, at: datetime) -> None:
    if record.receiver.side is Side.AUTHORITY:
        close_what_came_back(ledger, record.items, by=by, at=at)


def close_what_came_back(ledger: Ledger, items: Sequence[str], *, by: Actor, at: datetime) -> None:
    """Close the dossiers whose last open thing was an envelope that came back to its authority just now."""
    back = [i for i in ledger.items(items) if i.kind is ItemKind.RECOVERED or i.goes_back]
    for dossier in dict.fromkeys(item.dossier for item in back):
        closing.close_if_done(ledger, dossier, by=by, at=at)


def _still_offered(ledger: Ledger, record: HandoverRecord) -> list[Item]:
    """Return the items of a record that wait for its signature; one that somebody took over meanwhile does not."""
    return [i for i in ledger.items(record.items) if i.custody is Custody.OFFERED and i.record == record.code]


def _bags_still_offered(ledger: Ledger, record: HandoverRecord) -> list[Bag]:
    """Return the bags of a record that wait for its signature."""
    return [bag for bag in ledger.bags(record.bags) if bag.is_offered and bag.record == record.code]


def _with_gone(
    ledger: Ledger, record: HandoverRecord, declined: Mapping[str, DeclineReason]
) -> Mapping[str, DeclineReason]:
    """Return what is not taken: what the receiver declines, and what ended otherwise before he signed."""
    offered = set(_waiting(ledger, record))
    gone = [code for code in record.lines if code not in offered] if record.may(RecordAccepted) else []
    ends = {code: handover.end_of(happened, record=record.code) for code, happened in ledger.happened(gone).items()}
    still = {code: reason for code, reason in declined.items() if code not in ends}
    return {**still, **{code: handover.why_not(end) for code, end in ends.items() if not handover.is_taken(end)}}
