"""The last mile: the day's run of a territory, doors, attempts, pickup at the office, the end of the day."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from postal.domain import calendars, cash, codes, events, item, originals, permissions, reckoning, run
from postal.domain import money as books
from postal.domain.cash import CashHandover
from postal.domain.dossier import AgencyStatus
from postal.domain.events import AttemptReason, MoneyLedger, Payment, Receiver
from postal.domain.handover import HandoverRecord
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow
from postal.domain.people import (
    Actor,
    Custodian,
    CustodianKind,
    Position,
    PositionKind,
    Side,
    person_custodian,
    position_custodian,
)
from postal.domain.permissions import Permission
from postal.domain.proofs import Spot
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun, RunState
from postal.services import agency, closing, custody, home_pickups, messages, money, proving, recovered
from postal.services.proving import Proof
from postal.services.recovered import GotBack
from postal.services.registration import PaperEntry
from postal.store import Ledger, Store


class NotPaid(Refused):
    """What is owed for an item is paid before it is given."""

    code = "not_paid"
    vi = "Chưa thu {amount} đ nên chưa giao {item}. Thu đủ, đánh dấu đã thu rồi lưu; chưa có tiền thì hẹn ngày khác."
    en = "{amount} đ are owed for {item}. Collect them, or agree on another day."


class OtherSum(Refused):
    """What is taken at a door is what is owed now, no more and no less."""

    code = "other_sum"
    vi = "Số phải thu khi giao {item} nay là {owed} đ, không phải {paid} đ. Mở lại trang, thu đúng số rồi lưu."
    en = "{owed} đ are owed for {item} now, not {paid} đ. Open the page again and take that sum."


def _nothing_to_mint(_: int) -> int:
    raise AssertionError("A receipt and a new envelope need a random source")


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
        ledger.lock(DeliveryRun, {code})  # no other run takes a stop of it meanwhile
        planned = ledger.run(code)
        _must_be_of_office(ledger, planned, by=by)
        if planned.state is RunState.CLOSED:
            raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=run.RUN_STATE_NAMES[planned.state])
        account = ledger.accounts.get(planned.postman)
        postman = person_custodian(
            planned.postman, place=planned.office, name=account.name if account else planned.postman
        )
        mine = [i.code for i in ledger.items(planned.items) if i.custody is Custody.HELD and _is_in_position_of(i, by)]
        return _pass_on(store.inside(ledger), mine, to=postman, by=by, at=at, below=below)


def start_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """Leave with the items, which the postman must have signed for; the citizens are told.

    A run that only leaves invitations or fetches papers starts with empty hands.

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
        driven.must_be_driven_by(by)
        left = [i.code for i in ledger.items_held_by(by.account) if i.custody is Custody.HELD and _is_in_hand(i, by)]
        office = _sorting(ledger, driven.office)
    return _pass_on(store, left, to=office, by=by, at=at, below=below)


def hand_in(store: Store, code: str, *, by: Actor, at: datetime, below: Callable[[int], int]) -> CashHandover:
    """Offer the counter of the office all the money the postman took; it is his until the counter has signed.

    Raises: NothingToPass, NotPostman, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.HAND_IN_MONEY)
    with store.begin(at=at) as ledger:
        driven = ledger.run(code)
        driven.must_be_driven_by(by)
        giver = person_custodian(by.account, place=by.place, name=by.name)
        counter = _counter(ledger, driven.office)
        return money.offer(ledger, giver=giver, receiver=counter, by=by, at=at, below=below, run=code)


def close_run(store: Store, code: str, *, by: Actor, at: datetime, odometer_m: int | None = None) -> DeliveryRun:
    """End the day: no item, paper or đồng may be left in the postman's hands, not even what nobody signed for yet.

    `odometer_m` is how far he drove by the vehicle's meter, if he says so: it teaches the next plan.

    Raises: StillOnRun, MoneyInHand, UnlikelyKilometres, NotPostman, NotNow, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        started = ledger.run(code)
        items = ledger.items(started.items)
        delivered = sum(i.custody is Custody.DELIVERED for i in items)
        left = {i.code for i in items if _is_with(i, started.postman)} | _brought_along(ledger, by)
        done = reckoning.reckon(started, _happened(ledger, started))
        event = started.close(
            delivered=delivered,
            returned=len(items) - delivered,
            left=len(left),
            collected=done.collected,
            recovered=done.recovered,
            picked_up=len(done.picked_up),
            money_left=_money_of(ledger, by),
            cash=ledger.cash_of_run(code),
            odometer_m=odometer_m,
            by=by,
            at=at,
        )
        return ledger.append(started, event)


def _brought_along(ledger: Ledger, by: Actor) -> set[str]:
    """Return the envelopes with the postman that came to him at doors: papers recovered, papers picked up."""
    return {i.code for i in ledger.items_held_by(by.account) if i.kind not in item.FOR_THE_CITIZEN}


def _money_of(ledger: Ledger, by: Actor) -> int:
    """Return what a postman carries by the books, whole đồng."""
    return sum(ledger.books.balance(books.till(by.account), account) for account in MoneyLedger)


def _happened(ledger: Ledger, driven: DeliveryRun) -> reckoning.Happened:
    """Return what happened to everything that a run was planned for."""
    dossiers = {i.dossier for i in ledger.items([*driven.items, *driven.invitations])}
    dossiers |= {ledger.home_pickup(code).dossier for code in driven.pickups}
    return ledger.happened({*driven.items, *driven.invitations, *driven.pickups, *dossiers})


# --- doors ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Delegate:
    """Somebody who takes an item for another: the name, the number of the paper that says so, its last day."""

    name: str
    paper: str
    until: date | None = None


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
    spot: Spot | None = None,
    delegate: Delegate | None = None,
    paid: int = 0,
    payment: Payment = Payment.CASH,
    got_back: GotBack = recovered.NOTHING,
    request: str = "",
    below: Callable[[int], int] = _nothing_to_mint,
) -> Item:
    """Give an item of one's run to the citizen at the door against proof, with the money that is owed for it.

    `paid` is what was taken at the door, in đồng; `got_back` the papers recovered for the authority. `below` is needed
    for either. `request` is the form's number: the same form again gives nothing twice.

    Raises: NoIdentityCheck, NoAuthorisation, AuthorisationExpired, NoProof, NotPaid, OtherSum, NotAllRecovered,
    RecoveredUnsealed, NotCustodian, NotForCitizen, NotOnRun, NotPostman, NotNow, RequestMismatch, Forbidden,
    UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    giving = _Giving(
        code=code,
        run=run_code,
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=Proof(content=proof, media_type=media_type, spot=spot),
        delegate=delegate,
        paid=paid,
        payment=payment,
        got_back=got_back,
    )
    return _give(store, giving, request=request, by=by, at=at, below=below)


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
    delegate: Delegate | None = None,
    paid: int = 0,
    payment: Payment = Payment.CASH,
    got_back: GotBack = recovered.NOTHING,
    request: str = "",
    below: Callable[[int], int] = _nothing_to_mint,
) -> Item:
    """Give an item to the citizen who came to the office; the same rules as at the door."""
    permissions.require(by, Permission.DELIVER_AT_COUNTER)
    giving = _Giving(
        code=code,
        run="",
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=Proof(content=proof, media_type=media_type),
        delegate=delegate,
        paid=paid,
        payment=payment,
        got_back=got_back,
    )
    return _give(store, giving, request=request, by=by, at=at, below=below)


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
    spot: Spot | None = None,
    request: str = "",
) -> Item:
    """Record a visit that did not end in delivery; the postman goes on answering for the item.

    `next_on` may be today: then he comes again on this run. Otherwise it is a working day of the post.

    Raises: DayGone, DayOff, NotCustodian, NotOnRun, NotPostman, NotNow, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    content = repr(("attempt", code, run_code, reason, next_on, _print(proof)))
    with store.begin(at=at) as ledger:
        if ledger.requests.answer(request, content=content) is not None:
            return ledger.item(code)
        if next_on is not None:
            run.must_be_a_day_of_rounds(next_on, calendar=ledger.reference.calendar("post"), at=at)
        ledger.run(run_code).must_serve(code, by=by)
        found = ledger.item(code)
        taken = Proof(content=proof, media_type=media_type, spot=spot)
        kept = proving.keep(ledger, taken, dossier=found.dossier, thing=code, run=run_code, at=at)
        event = found.fail_attempt(
            run=run_code,
            reason=reason,
            next_on=next_on,
            proof=kept.file,
            where=kept.where,
            binding=kept.binding,
            by=by,
            at=at,
        )
        ledger.requests.settle(request, content=content, answer=code)
        return ledger.append(found, event)


def leave_invitation(
    store: Store,
    code: str,
    *,
    run_code: str,
    by: Actor,
    at: datetime,
    proof: Proof = proving.NONE,
    request: str = "",
) -> Item:
    """Record that the printed invitation for an item was left at its door.

    Raises: NotOnRun, NotPostman, NotNow, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    content = repr(("invitation", code, run_code, _print(proof.content)))
    with store.begin(at=at) as ledger:
        if ledger.requests.answer(request, content=content) is not None:
            return ledger.item(code)
        ledger.run(run_code).must_serve(code, by=by)
        found = ledger.item(code)
        kept = proving.keep(ledger, proof, dossier=found.dossier, thing=code, run=run_code, at=at)
        event = found.leave_invitation(
            run=run_code, proof=kept.file, where=kept.where, binding=kept.binding, by=by, at=at
        )
        ledger.requests.settle(request, content=content, answer=code)
        return ledger.append(found, event)


def fetch(
    store: Store,
    code: str,
    *,
    run_code: str,
    papers: Sequence[PaperEntry],
    seal: str,
    proof: Proof,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    label: str = "",
    request: str = "",
) -> HomePickup:
    """Take the papers of a home pickup, counted and sealed before the sender, into the postman's hands.

    Raises: NotOnRun, NotPostman, NotNow, NothingToFetch, NoPapers, MissingAtDoor, NotAskedFor, NotSealed, NoProof,
    LabelBound, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    content = repr(("fetch", code, run_code, tuple(papers), seal, label, _print(proof.content)))
    with store.begin(at=at) as ledger:
        if ledger.requests.answer(request, content=content) is not None:
            return ledger.home_pickup(code)
        ledger.run(run_code).must_serve(code, by=by)
        pickup = ledger.home_pickup(code)
        kept = proving.keep(ledger, proof, dossier=pickup.dossier, thing=code, run=run_code, at=at)
        home_pickups.make(
            ledger,
            pickup,
            run=run_code,
            papers=papers,
            seal=seal,
            label=label,
            proof_id=kept.file,
            where=kept.where,
            binding=kept.binding,
            by=by,
            at=at,
            below=below,
        )
        ledger.requests.settle(request, content=content, answer=code)
        return ledger.home_pickup(code)


def fail_fetch(
    store: Store,
    code: str,
    *,
    run_code: str,
    reason: AttemptReason,
    next_on: date | None,
    by: Actor,
    at: datetime,
    proof: Proof = proving.NONE,
    request: str = "",
) -> HomePickup:
    """Record a visit that did not end in a pickup; it is tried again, today still or on a working day of the post.

    Raises: DayGone, DayOff, NotOnRun, NotPostman, NotNow, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    content = repr(("fetch in vain", code, run_code, reason, next_on, _print(proof.content)))
    with store.begin(at=at) as ledger:
        if ledger.requests.answer(request, content=content) is not None:
            return ledger.home_pickup(code)
        ledger.run(run_code).must_serve(code, by=by)
        pickup = ledger.home_pickup(code)
        kept = proving.keep(ledger, proof, dossier=pickup.dossier, thing=code, run=run_code, at=at)
        failed = home_pickups.fail(
            ledger,
            pickup,
            run=run_code,
            reason=reason,
            next_on=next_on,
            proof_id=kept.file,
            where=kept.where,
            binding=kept.binding,
            by=by,
            at=at,
        )
        ledger.requests.settle(request, content=content, answer=code)
        return failed


@dataclass(frozen=True, kw_only=True, slots=True)
class _Giving:
    """One item given to one receiver. `run` is empty at the counter."""

    code: str
    run: str
    receiver: Receiver
    identity_checked: bool
    authorisation_shown: bool
    proof: Proof
    delegate: Delegate | None
    paid: int
    payment: Payment
    got_back: GotBack

    @property
    def content(self) -> str:
        """Return what makes two forms the same; the place of the phone may differ."""
        return repr(replace(self, proof=Proof(media_type=_print(self.proof.content))))


def _give(store: Store, giving: _Giving, *, request: str, by: Actor, at: datetime, below: Callable[[int], int]) -> Item:
    with store.begin(at=at) as ledger:
        if ledger.requests.answer(request, content=giving.content) is not None:
            return ledger.item(giving.code)
        found = ledger.item(giving.code)
        if not (found.is_at_destination and originals.may_be_fetched(ledger.dossier(found.dossier), found)):
            run.must_be_for_citizen(found)
        if giving.run or found.custodian.kind is CustodianKind.PERSON:
            ledger.run(giving.run).must_serve(found.code, by=by)
        _must_still_count(found, giving.delegate, at=at)
        _must_be_paid(ledger, found, giving)
        delivered = _given(ledger, found, giving, by=by, at=at)
        recovered.take(ledger, found, giving.got_back, by=by, at=at, below=below)
        _take_money(ledger, found, giving, by=by, at=at, below=below)
        _note_settled_by_authority(ledger, found, by=by, at=at)
        _teach_the_door(ledger, delivered, giving)
        _note_returned(ledger, delivered, by=by, at=at)
        closing.close_if_done(ledger, delivered.dossier, by=by, at=at)
        ledger.requests.settle(request, content=giving.content, answer=found.code)
        return delivered


def _given(ledger: Ledger, found: Item, giving: _Giving, *, by: Actor, at: datetime) -> Item:
    """Record the delivery with its proof, and who signed for whom."""
    kept = proving.keep(ledger, giving.proof, dossier=found.dossier, thing=found.code, run=giving.run, at=at)
    count = recovered.count_of(found, giving.got_back)
    why_fewer = giving.got_back.why_fewer if count < found.to_recover else ""
    event = found.deliver(
        receiver=giving.receiver,
        identity_checked=giving.identity_checked,
        authorisation_shown=giving.authorisation_shown,
        proof=kept.file,
        run=giving.run,
        recovered=count,
        reason=ledger.texts.put(found.dossier, why_fewer),
        where=kept.where,
        signer=ledger.texts.put(found.dossier, _signer(giving.delegate)),
        binding=kept.binding,
        by=by,
        at=at,
    )
    return ledger.append(found, event)


def _must_still_count(found: Item, delegate: Delegate | None, *, at: datetime) -> None:
    """Refuse an authorisation whose last day is over. Raises: AuthorisationExpired."""
    until = delegate.until if delegate else None
    if until is not None and until < calendars.local(at).date():
        raise item.AuthorisationExpired(item=codes.shown(found.code), until=f"{until:%d/%m/%Y}")


def _signer(delegate: Delegate | None) -> str:
    """Return who signed for another, as the sealed text keeps it."""
    if delegate is None:
        return ""
    until = f", đến {delegate.until:%d/%m/%Y}" if delegate.until else ""
    return f"{delegate.name}, giấy {delegate.paper}{until}"


def _must_be_paid(ledger: Ledger, found: Item, giving: _Giving) -> None:
    """Refuse to give what is owed for, and to take another sum than that; a slip is given in any case.

    What the authority gives at its own desk it has settled itself.

    Raises: NotPaid, OtherSum.
    """
    owed = sum(ledger.dossier(found.dossier).money(account).owed for account in MoneyLedger)
    paid = 0 if giving.payment is Payment.LATER else giving.paid
    if paid not in (0, owed):
        raise OtherSum(item=codes.shown(found.code), owed=cash.grouped(owed), paid=cash.grouped(paid))
    is_free = found.kind not in item.NEEDS_IDENTITY or found.custodian.side is Side.AUTHORITY
    if owed and not paid and not is_free:
        raise NotPaid(item=codes.shown(found.code), amount=cash.grouped(owed))


def _take_money(
    ledger: Ledger, found: Item, giving: _Giving, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> None:
    """Take what is owed in both ledgers, each with its receipt."""
    if not giving.paid or giving.payment is Payment.LATER:
        return
    for account in MoneyLedger:
        dossier = ledger.dossier(found.dossier)
        if amount := dossier.money(account).owed:
            money.collect(
                ledger,
                dossier,
                account=account,
                amount=amount,
                payment=giving.payment,
                basis=f"Thu khi phát {codes.shown(found.code)}",
                run=giving.run,
                by=by,
                at=at,
                below=below,
            )


def _note_settled_by_authority(ledger: Ledger, found: Item, *, by: Actor, at: datetime) -> None:
    """Say that the fees are the authority's own affair where it gives the result itself."""
    dossier = ledger.dossier(found.dossier)
    if found.custodian.side is Side.AUTHORITY and dossier.fees.owed:
        ledger.append(dossier, agency.paid_to_authority(dossier, by=by, at=at))


def _teach_the_door(ledger: Ledger, delivered: Item, giving: _Giving) -> None:
    """Learn where a door is from the place of a delivery, if the phone was sure of it."""
    spot = giving.proof.spot
    if not (giving.run and spot and spot.is_sure):
        return
    dossier = ledger.dossier(delivered.dossier)
    people = ledger.people.of([dossier.code])
    lives_there = people.get((dossier.code, "receiver")) or people.get((dossier.code, "sender"))
    if lives_there is not None:
        ledger.points.teach(
            dossier.return_commune, lives_there.address, lat=spot.lat, lon=spot.lon, accuracy_m=spot.accuracy_m
        )


def _print(content: bytes) -> str:
    """Return what tells one picture from another."""
    return hashlib.sha256(content).hexdigest() if content else ""


def _note_returned(ledger: Ledger, delivered: Item, *, by: Actor, at: datetime) -> None:
    """Say on the dossier that its result reached the citizen."""
    dossier = ledger.dossier(delivered.dossier)
    if dossier.status is AgencyStatus.RESOLVED and delivered.kind is events.ItemKind.RESULT:
        ledger.append(dossier, events.ResultReturned(by=by.as_author(), occurred_at=at))
        messages.owe_sender(ledger, dossier, fact="delivered", words="đã giao kết quả", about=delivered.code)


def _tell_that_he_comes(ledger: Ledger, planned: DeliveryRun, taken: Sequence[Item]) -> None:
    for dossier in ledger.dossiers(list(dict.fromkeys(i.dossier for i in taken))):
        fact = f"out_for_delivery_{planned.code}"
        words = "hôm nay bưu tá đi phát"
        messages.owe_sender(ledger, dossier, fact=fact, words=words, about=planned.code)


# --- who holds what ---------------------------------------------------------------------------------------------------


def _taken(ledger: Ledger, planned: DeliveryRun) -> list[Item]:
    """Return what the postman signed for. Raises: NotSignedFor while something is only offered, NothingInHand."""
    items = ledger.items(planned.items)
    unsigned = sum(i.offered_to is not None and i.offered_to.key == planned.postman for i in items)
    if unsigned:
        raise run.NotSignedFor(run=codes.shown(planned.code), count=unsigned)
    taken = [i for i in items if _is_with(i, planned.postman)]
    if not (taken or planned.invitations or planned.pickups):
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
    return _manned(ledger, place, PositionKind.SORTING, PositionKind.COUNTER)


def _counter(ledger: Ledger, place: str) -> Custodian:
    """Return who takes in the money of a run."""
    return _manned(ledger, place, PositionKind.COUNTER)


def _manned(ledger: Ledger, place: str, *kinds: PositionKind) -> Custodian:
    """Return the first position of these kinds that somebody has held; of none the first."""
    wanted = [Position(place=place, kind=kind) for kind in kinds]
    taker = next((position for position in wanted if ledger.position(position.key) is not None), wanted[0])
    return position_custodian(taker, unit_name=ledger.reference.place(place).name)


# --- guards -----------------------------------------------------------------------------------------------------------


def _must_be_of_office(ledger: Ledger, planned: DeliveryRun, *, by: Actor) -> None:
    if by.place != planned.office:
        name = ledger.reference.place(planned.office).name
        raise run.RunElsewhere(thing=f"Chuyến {codes.shown(planned.code)}", office=name)
