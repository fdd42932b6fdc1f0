"""The last mile: the day's run of a territory, doors, attempts, pickup at the office, the end of the day."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from postal.domain import calendars, codes, events, permissions, run
from postal.domain.dossier import AgencyStatus
from postal.domain.events import AttemptReason, Receiver
from postal.domain.handover import HandoverRecord
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow
from postal.domain.people import (
    Actor,
    Custodian,
    CustodianKind,
    Position,
    PositionKind,
    person_custodian,
    position_custodian,
)
from postal.domain.permissions import Permission
from postal.domain.run import DeliveryRun, RunState
from postal.services import custody, messages
from postal.store import Ledger, Store

# --- the run ----------------------------------------------------------------------------------------------------------


def hand_to_postman(
    store: Store, code: str, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord | None:
    """Offer the postman of a run everything of it that the actor holds; he answers for it once he has signed.

    Where sorter and postman are one person it is one internal step, without a record: None.

    Raises: NotNow, NothingToHandOver, NotSealed, RunElsewhere, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        planned = ledger.run(code)
        _must_be_of_office(ledger, planned, by=by)
        if planned.state is RunState.CLOSED:
            raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=run.RUN_STATE_NAMES[planned.state])
        account = ledger.accounts.get(planned.postman)
        postman = person_custodian(
            planned.postman, place=planned.office, name=account.name if account else planned.postman
        )
        mine = [i.code for i in ledger.items(planned.items) if i.custody is Custody.HELD and _is_in_position_of(i, by)]
    return _pass_on(store, mine, to=postman, by=by, at=at, below=below)


def start_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """Leave with the items, which the postman must have signed for; the citizens are told.

    Raises: NotNow, NotPostman, NotSignedFor, NothingInHand, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        planned = ledger.run(code)
        event = planned.start(by=by, at=at)
        if planned.day != calendars.local(at).date():
            raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=f"lập cho {calendars.written(planned.day)}")
        _tell_that_he_comes(ledger, planned, _taken(ledger, planned))
        return ledger.append(planned, event)


def hand_back(
    store: Store, code: str, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord | None:
    """Offer the office everything that is left in the postman's hands at the end of the day.

    None when the postman holds the office's sorting position himself: then it is one internal step.

    Raises: NothingToHandOver, NotPostman, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        driven = ledger.run(code)
        if driven.postman != by.account:
            raise run.NotPostman(run=codes.shown(code), postman=driven.postman)
        left = [i.code for i in ledger.items_held_by(by.account) if i.custody is Custody.HELD and _is_in_hand(i, by)]
        office = _sorting(ledger, driven.office)
    return _pass_on(store, left, to=office, by=by, at=at, below=below)


def close_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """End the day: nothing of the run may be left in the postman's hands, not even what nobody signed for yet.

    Raises: StillOnRun, NotPostman, NotNow, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        started = ledger.run(code)
        items = ledger.items(started.items)
        delivered = sum(i.custody is Custody.DELIVERED for i in items)
        left = sum(_is_with(i, started.postman) for i in items)
        returned = len(items) - delivered - left
        event = started.close(delivered=delivered, returned=returned, left=left, by=by, at=at)
        return ledger.append(started, event)


# --- doors ------------------------------------------------------------------------------------------------------------


def deliver(
    store: Store,
    code: str,
    *,
    run_code: str,
    receiver: Receiver,
    identity_checked: bool,
    authorisation_shown: bool,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    """Give an item of one's run to the citizen at the door against proof; the dossier then counts as returned.

    Raises: NoIdentityCheck, NoAuthorisation, NoProof, NotCustodian, NotForCitizen, NotOnRun, NotPostman, NotNow,
    Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    return _give(
        store,
        code,
        run_code=run_code,
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=proof,
        media_type=media_type,
        by=by,
        at=at,
    )


def deliver_at_counter(
    store: Store,
    code: str,
    *,
    receiver: Receiver,
    identity_checked: bool,
    authorisation_shown: bool,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    """Give an item to the citizen who came to the office; the same rules as at the door."""
    permissions.require(by, Permission.DELIVER_AT_COUNTER)
    return _give(
        store,
        code,
        run_code="",
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=proof,
        media_type=media_type,
        by=by,
        at=at,
    )


def fail_attempt(
    store: Store,
    code: str,
    *,
    run_code: str,
    reason: AttemptReason,
    next_on: date | None,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    """Record a visit that did not end in delivery; the postman goes on answering for the item.

    Raises: DayGone, NotCustodian, NotOnRun, NotPostman, NotNow, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    if next_on is not None:
        run.must_lie_ahead(next_on, at=at)
    with store.begin(at=at) as ledger:
        ledger.run(run_code).must_serve(code, by=by)
        found = ledger.item(code)
        file_id = ledger.files.put(found.dossier, media_type=media_type, content=proof) if proof else ""
        event = found.fail_attempt(run=run_code, reason=reason, next_on=next_on, proof=file_id, by=by, at=at)
        return ledger.append(found, event)


def _give(
    store: Store,
    code: str,
    *,
    run_code: str,
    receiver: Receiver,
    identity_checked: bool,
    authorisation_shown: bool,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        if not _lies_at_the_desk_it_is_fetched_from(found):
            run.must_be_for_citizen(found)
        if run_code or found.custodian.kind is CustodianKind.PERSON:
            ledger.run(run_code).must_serve(code, by=by)
        file_id = ledger.files.put(found.dossier, media_type=media_type, content=proof) if proof else ""
        event = found.deliver(
            receiver=receiver,
            identity_checked=identity_checked,
            authorisation_shown=authorisation_shown,
            proof=file_id,
            run=run_code,
            by=by,
            at=at,
        )
        delivered = ledger.append(found, event)
        _note_returned(ledger, delivered, by=by, at=at)
        return delivered


def _note_returned(ledger: Ledger, delivered: Item, *, by: Actor, at: datetime) -> None:
    """Say on the dossier that its result reached the citizen."""
    dossier = ledger.dossier(delivered.dossier)
    if dossier.status is AgencyStatus.RESOLVED and delivered.kind is events.ItemKind.RESULT:
        ledger.append(dossier, events.ResultReturned(by=by.as_author(), occurred_at=at))
        messages.owe_sender(ledger, dossier, fact="delivered", words="da giao ket qua")


def _tell_that_he_comes(ledger: Ledger, planned: DeliveryRun, taken: Sequence[Item]) -> None:
    for dossier in ledger.dossiers(list(dict.fromkeys(i.dossier for i in taken))):
        fact = f"out_for_delivery_{planned.code}"
        messages.owe_sender(ledger, dossier, fact=fact, words="hom nay buu ta di phat ket qua")


# --- who holds what ---------------------------------------------------------------------------------------------------


def _taken(ledger: Ledger, planned: DeliveryRun) -> list[Item]:
    """Return what the postman signed for. Raises: NotSignedFor while something is only offered, NothingInHand."""
    items = ledger.items(planned.items)
    unsigned = sum(i.offered_to is not None and i.offered_to.key == planned.postman for i in items)
    if unsigned:
        raise run.NotSignedFor(run=codes.shown(planned.code), count=unsigned)
    taken = [i for i in items if _is_with(i, planned.postman)]
    if not taken:
        raise run.NothingInHand(run=codes.shown(planned.code))
    return taken


def _is_with(found: Item, postman: str) -> bool:
    return found.custodian.kind is CustodianKind.PERSON and found.custodian.key == postman


def _is_in_hand(found: Item, by: Actor) -> bool:
    return _is_with(found, by.account)


def _is_in_position_of(found: Item, by: Actor) -> bool:
    return found.custodian.kind is CustodianKind.POSITION and by.acts_for(found.custodian)


def _pass_on(
    store: Store, items: Sequence[str], *, to: Custodian, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord | None:
    """Offer items, or carry them over where both ends are one person's."""
    if items and by.acts_for(to):
        custody.move(store, items, to=to, by=by, at=at)
        return None
    return custody.offer(store, items, to=to, by=by, at=at, below=below)


def _sorting(ledger: Ledger, place: str) -> Custodian:
    """Return who takes back what was not delivered: sorting, or the counter of an office without sorting."""
    office = ledger.reference.place(place)
    manned = [
        position
        for kind in (PositionKind.SORTING, PositionKind.COUNTER)
        if ledger.position((position := Position(place=place, kind=kind)).key) is not None
    ]
    taker = manned[0] if manned else Position(place=place, kind=PositionKind.SORTING)
    return position_custodian(taker, unit_name=office.name)


# --- guards -----------------------------------------------------------------------------------------------------------


def _lies_at_the_desk_it_is_fetched_from(found: Item) -> bool:
    """Tell whether a result is where its citizen chose to fetch it, the one-stop desk."""
    return found.kind is events.ItemKind.RESULT and found.is_at_destination


def _must_be_of_office(ledger: Ledger, planned: DeliveryRun, *, by: Actor) -> None:
    if by.place != planned.office:
        name = ledger.reference.place(planned.office).name
        raise run.RunElsewhere(thing=f"Chuyến {codes.shown(planned.code)}", office=name)


# --- laying out -------------------------------------------------------------------------------------------------------
