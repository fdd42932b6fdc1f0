"""The post takes over results at a centre, many at once: counted and signed both ways, on the screen or in ink.

QĐ 45/2016/QĐ-TTg Đ.9: both sides count results and originals against the list and sign; the authority may have sealed
beforehand. A result the post never carried, and one whose receiver is not known yet, is taken over all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, codes, handover, permissions
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Evidence, ReturnChanged, ReturnWay
from postal.domain.handover import HandoverRecord
from postal.domain.item import FOR_THE_CITIZEN, Item, NotCustodian
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian, Person, Side
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import custody, destinations, results
from postal.services.results import Arrival, NoReceiver, ResultEntry
from postal.store import Ledger, Store


class NotAnAuthority(Refused):
    """Results come from a desk or department."""

    code = "not_an_authority"
    vi = "{giver} không phải cơ quan trả kết quả. Chọn Một cửa hoặc phòng đã giao kết quả."
    en = "{giver} is no authority. Choose the desk or department that gave the results."


class ReceiverKnown(Refused):
    """Who gets it is known; a change is asked for by the sender, another way."""

    code = "receiver_known"
    vi = "Bưu gửi {item} đã có nơi giao cho người dân, không cần bổ sung. Xem nơi đến trên trang bưu gửi."
    en = "The receiver of item {item} is known already."


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """What was counted: which authority gives, which position of the post takes, line by line.

    `request` is the form's number: the same number again changes nothing.
    """

    desk: Custodian
    to: Custodian
    lines: tuple[ResultEntry, ...]
    request: str = ""


def take_together(
    store: Store, form: Intake, *, officer: Actor, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord:
    """Take results over on one screen: the officer registers and gives them, the post's side accepts, evidence A.

    Each of the two signed in with a secret of their own. All lines or none, once for a request number.

    Raises: LinesRefused, NothingToRegister, NotAnAuthority, NotCustodian, SamePerson, RequestMismatch, Forbidden.
    """
    permissions.require(officer, Permission.REGISTER_RESULT)
    permissions.require(by, Permission.TAKE_RESULTS)

    def take(ledger: Ledger) -> HandoverRecord:
        _must_answer(officer, form.desk)
        arrival = Arrival(
            ledger,
            desk=form.desk,
            holder=form.desk,
            by=officer,
            at=at,
            below=below,
            waits_at=ledger.reference.place(form.to.place),
        )
        items = [item.code for item in arrival.take(form.lines)]
        record = custody.draw_up(ledger, items, to=form.to, by=officer, at=at, below=below)
        return custody.sign_for(ledger, record, declined=custody.NOTHING_DECLINED, by=by, at=at)

    return _once(store, form, take, by=by, at=at)


def take_on_paper(
    store: Store,
    form: Intake,
    *,
    signed_at: datetime,
    signer: str,
    photo: bytes,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    media_type: str = "image/jpeg",
) -> HandoverRecord:
    """Take results over that an officer without an account gave against ink: evidence B with a photo, else C.

    `signed_at` stands on the paper and is the legal time; `signer` is the officer's name there, kept sealed. The desk
    may confirm the record later.

    Raises: LinesRefused, NothingToRegister, NotAnAuthority, NotCustodian, SignedInFuture, RequestMismatch, Forbidden.
    """
    permissions.require(by, Permission.TAKE_RESULTS)
    permissions.require(by, Permission.ENTER_SIGNED_PAPER)

    def take(ledger: Ledger) -> HandoverRecord:
        handover.must_be_over(signed_at, at=at)
        code = codes.mint(CodeKind.HANDOVER, below=below).text
        arrival = Arrival(
            ledger,
            desk=form.desk,
            holder=form.to,
            by=by,
            at=signed_at,
            below=below,
            record=code,
            evidence=Evidence.B if photo else Evidence.C,
            waits_at=ledger.reference.place(form.to.place),
        )
        items = tuple(item.code for item in arrival.take(form.lines))
        event = handover.offer(giver=form.desk, receiver=form.to, items=items, by=by, at=signed_at, by_receiver=True)
        record = ledger.begin(HandoverRecord, code, event)
        signed = record.sign_on_paper(
            declined=custody.NOTHING_DECLINED,
            photo=ledger.files.put(code, media_type=media_type, content=photo) if photo else "",
            signer=ledger.texts.put(code, signer),
            signed_at=signed_at,
            by=by,
            at=at,
        )
        return ledger.append(record, signed)

    return _once(store, form, take, by=by, at=at)


def complete_receiver(
    store: Store,
    code: str,
    *,
    receiver: Person,
    by: Actor,
    at: datetime,
    return_way: ReturnWay = ReturnWay.HOME,
) -> Item:
    """Say who gets a result that waits without an address, and send it to the office that can give it.

    With `ReturnWay.POST_OFFICE` the citizen comes to the office where it lies. Whoever holds the item says so.

    Raises: ReceiverKnown, NoReceiver, NotCustodian, NotNow, NoDeliveryOffice, CommuneGone, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.TAKE_RESULTS)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        dossier = ledger.dossier(item.dossier)
        _must_wait_for_a_receiver(item, dossier, by=by)
        _must_be_reachable(item, receiver, way=return_way)
        at_home = return_way is ReturnWay.HOME
        changed = ReturnChanged(
            return_way=return_way,
            return_commune=receiver.commune if at_home else "",
            return_place="" if at_home else item.custodian.place,
            by=by.as_author(),
            occurred_at=at,
        )
        ledger.people.put(dossier.code, "sender", receiver)
        after = ledger.append(dossier, changed)
        destination = destinations.for_citizen(ledger, after, on=calendars.local(at).date())
        if destination == item.destination:
            return item
        return ledger.append(item, item.reroute(destination=destination, by=by, at=at))


def _once(
    store: Store, form: Intake, take: Callable[[Ledger], HandoverRecord], *, by: Actor, at: datetime
) -> HandoverRecord:
    """Return what the same form made before, else what `take` makes of it now."""
    if form.desk.side is not Side.AUTHORITY:
        raise NotAnAuthority(giver=form.desk)
    _must_answer(by, form.to)
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(form.request, content=repr(form))
        if done is not None:
            return ledger.record(done)
        record = take(ledger)
        ledger.requests.settle(form.request, content=repr(form), answer=record.code)
        return record


def _must_answer(somebody: Actor, custodian: Custodian) -> None:
    if not somebody.acts_for(custodian):
        raise NotCustodian(item="Danh sách kết quả", holder=custodian)


def _must_wait_for_a_receiver(item: Item, dossier: Dossier, *, by: Actor) -> None:
    if item.kind not in FOR_THE_CITIZEN or item.is_final or not dossier.lacks_receiver:
        raise ReceiverKnown(item=codes.shown(item.code))
    if not by.acts_for(item.custodian):
        raise NotCustodian(item=codes.shown(item.code), holder=item.custodian)
    if item.offered_to is not None:
        raise NotNow(thing=codes.shown(item.code), state=f"đã bàn giao cho {item.offered_to}, chờ ký nhận")


def _must_be_reachable(item: Item, receiver: Person, *, way: ReturnWay) -> None:
    is_known = results.is_complete(receiver) if way is ReturnWay.HOME else bool(receiver.name)
    if not is_known:
        raise NoReceiver(official_code=codes.shown(item.code))
