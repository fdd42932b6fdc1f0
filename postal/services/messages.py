"""Messages owed to citizens: written with the event that owes them, paid by the worker, looked after by a person."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from postal.domain import codes, notices, permissions, segments
from postal.domain.dossier import Dossier
from postal.domain.notices import Kind, LateFact
from postal.domain.people import Actor, Person, Role
from postal.domain.permissions import Forbidden, Permission
from postal.domain.refusals import Refused
from postal.domain.sending import (
    NOTICE_STATE_NAMES,
    PATIENCE,
    Channel,
    NeverTaken,
    NoSuchMessage,
    NoticeState,
    NotTaken,
    Patience,
)
from postal.store import Ledger, Store
from postal.store.registers import Notice, Receipt

BOTH = frozenset(Channel)


class NotTold(Refused):
    """Whoever settles a message in place of the gateway says how."""

    code = "not_told"
    vi = "Chưa ghi {what}. Ghi ngắn gọn rồi lưu lại."
    en = "Write {what} first."


class PinNotTold(Refused):
    """Nobody here knows a PIN, and it is told to nobody by voice."""

    code = "pin_not_told"
    vi = "Mã PIN không đọc qua điện thoại. Gửi lại, hoặc mời người dân đến quầy cấp lại phiếu gửi."
    en = "A PIN is not read out on the phone. Try again, or ask the citizen to come for a new receipt."


class MessageElsewhere(Forbidden):
    """A controller looks after the messages of dossiers that take their way through his place."""

    code = "message_elsewhere"
    vi = "Tin của hồ sơ {dossier} do bưu cục nhận hoặc phát hồ sơ đó xử lý. Báo bưu cục đó, hoặc nhờ quản trị."
    en = "The messages of dossier {dossier} are looked after elsewhere. Tell that office."


# --- owed, inside the transaction of the event ------------------------------------------------------------------------


def owe_pin(ledger: Ledger, receipt: Receipt) -> None:
    """Owe the PIN to the sender's phone; without a phone it is printed on a strip of the citizen's copy."""
    words = f"mã PIN {receipt.pin}. Không đưa mã PIN cho người lạ"
    _owe(ledger, receipt.dossier, fact=f"pin_{receipt.serial}", words=words)


def owe_sender(ledger: Ledger, dossier: Dossier, *, fact: str, words: str, about: str = "") -> None:
    """Owe a message about one fact, never twice; `about` is the item or run it speaks of, `words` have their accents.

    It goes to the sender, or to the receiver where it concerns the delivery; who has neither phone nor mail is owed
    nothing, and reads the tracking page or asks at a counter.
    """
    _owe(ledger, dossier.code, fact=fact, words=words, about=about)


def owe_fees(ledger: Ledger, dossier: Dossier) -> None:
    """Owe the message that fees have to be paid: all that is owed now, so that the newest one is the whole truth."""
    amount = notices.written_amount(dossier.fees.owed)
    words = f"cần nộp {amount} phí, lệ phí"
    _owe(ledger, dossier.code, fact=f"{Kind.FEE_DUE.value}_{dossier.version}", words=words)


def invitation_words(office: str, *, until: date, number: int) -> str:
    """Return the words of an invitation to an office, which stay one segment whatever it is called."""
    name = segments.shortened(office, most=notices.LONGEST_OFFICE)
    again = "" if number < 2 else f" lần {number}"
    return f"mời{again} đến {name} nhận trước {until:%d/%m}, mang căn cước"


def owe_late(store: Store, found: Sequence[LateFact], *, at: datetime) -> None:
    """Owe a message for each thing that is late; nothing is stored as late, and nobody is told twice of one due day."""
    if not found:
        return
    with store.begin(at=at) as ledger:
        for each in found:
            _owe(ledger, each.dossier, fact=each.fact, words=each.words, about=each.about)


def _owe(ledger: Ledger, dossier: str, *, fact: str, words: str, about: str = "") -> None:
    kind = notices.kind_of(fact)
    person = _addressee(ledger, dossier, kind)
    if person is None:
        return
    text = notices.sentence(dossier, words)
    for channel in notices.channels(kind, has_phone=bool(person.phone), has_mail=bool(person.email)):
        to = person.phone if channel is Channel.SMS else person.email
        ledger.notices.owe(dossier, fact=fact, to=to, text=text, channel=channel.value, about=about)


def _addressee(ledger: Ledger, dossier: str, kind: Kind) -> Person | None:
    people = ledger.people.of([dossier])
    parts = ("receiver", "sender") if kind in notices.TO_RECEIVER else ("sender",)
    known = [people[dossier, part] for part in parts if (dossier, part) in people]
    return next((each for each in known if each.phone or each.email), None)


# --- paid, by the worker ----------------------------------------------------------------------------------------------


def waiting(
    store: Store, *, at: datetime, is_quiet: bool = False, channels: Collection[Channel] = BOTH, limit: int = 50
) -> list[Notice]:
    """Return messages to send now: first what somebody waits for at a counter; in quiet hours nothing else."""
    names, at_once = [each.value for each in channels], [kind.value for kind in Kind if kind in notices.AT_ONCE]
    with store.read(at=at) as reader:
        urgent = reader.notices.due(limit=limit, channels=names, beginning=at_once)
        if is_quiet:
            return urgent
        rest = reader.notices.due(limit=limit, channels=names)
    known = {each.id for each in urgent}
    return [*urgent, *(each for each in rest if each.id not in known)][:limit]


def claim(store: Store, notice: Notice, *, at: datetime, patience: Patience = PATIENCE) -> bool:
    """Take a message to send it, for as long as a gateway may need; False when another worker was first."""
    with store.begin(at=at) as ledger:
        return ledger.notices.claim(notice, until=at + patience.claim)


def settle_sent(store: Store, notice: Notice, *, at: datetime) -> None:
    """Note that the gateway took a claimed message."""
    _settle(store, notice, state=NoticeState.SENT, next_try_at=at, at=at)


def settle_dropped(store: Store, notice: Notice, *, why: str, at: datetime) -> None:
    """Note that a claimed message was not sent, because it is no longer true."""
    _settle(store, notice, state=NoticeState.DROPPED, next_try_at=at, trouble=why, at=at)


def settle_not_taken(
    store: Store, notice: Notice, *, error: OSError, at: datetime, patience: Patience = PATIENCE
) -> None:
    """Note that the gateway did not take a claimed message: it is tried again later, or a person must look.

    A gateway that will never take it is not asked again.
    """
    tries = notice.tries + 1
    is_over = isinstance(error, NeverTaken) or patience.is_over(tries)
    state = NoticeState.FAILED if is_over else NoticeState.OWED
    _settle(store, notice, state=state, next_try_at=at + patience.pause(tries), trouble=_trouble(error), at=at)


def count_as_sent(store: Store, *, at: datetime) -> None:
    """Count everything that is due as sent, without sending it: for made-up people, who have no phones."""
    while due := waiting(store, at=at, limit=500):
        with store.begin(at=at) as ledger:
            for notice in due:
                ledger.notices.claim(notice, until=at)
                ledger.notices.settle(notice, state=NoticeState.SENT.value, next_try_at=at)


def _settle(
    store: Store, notice: Notice, *, state: NoticeState, next_try_at: datetime, at: datetime, trouble: str = ""
) -> None:
    with store.begin(at=at) as ledger:
        ledger.notices.settle(notice, state=state.value, next_try_at=next_try_at, trouble=trouble)


def _trouble(error: OSError) -> str:
    """Return what went wrong in words that name no phone and no text: a library's own may."""
    if isinstance(error, NotTaken):
        return str(error)
    return "Cổng gửi không trả lời kịp." if isinstance(error, TimeoutError) else "Không nối được tới cổng gửi."


# --- looked after, by a person ----------------------------------------------------------------------------------------


def try_again(store: Store, notice_id: str, *, by: Actor, at: datetime) -> None:
    """Send a message that failed once more, as often as a new one.

    Raises: NoSuchMessage when it does not wait for a person, MessageElsewhere, Forbidden.
    """
    _decide(store, notice_id, state=NoticeState.OWED, what="message_again", by=by, at=at)


def note_told(store: Store, notice_id: str, *, note: str, by: Actor, at: datetime) -> None:
    """Say that somebody rang the citizen up instead, and whom he spoke to.

    Raises: NotTold, PinNotTold, NoSuchMessage, MessageElsewhere, Forbidden.
    """
    if not note.strip():
        raise NotTold(what="đã gọi cho ai, lúc nào")
    _decide(store, notice_id, state=NoticeState.TOLD, what="message_told", note=note, by=by, at=at)


def give_up(store: Store, notice_id: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Tell nobody, for a reason.

    Raises: NotTold, NoSuchMessage, MessageElsewhere, Forbidden.
    """
    if not reason.strip():
        raise NotTold(what="lý do không báo nữa")
    _decide(store, notice_id, state=NoticeState.GIVEN_UP, what="message_given_up", note=reason, by=by, at=at)


def _decide(
    store: Store, notice_id: str, *, state: NoticeState, what: str, by: Actor, at: datetime, note: str = ""
) -> None:
    permissions.require(by, Permission.SEE_MESSAGES)
    with store.begin(at=at) as ledger:
        notice = ledger.notices.get(notice_id)
        if notice is None:
            raise NoSuchMessage
        _must_be_here(ledger, notice, by)
        if state is NoticeState.TOLD and notices.kind_of(notice.fact) is Kind.PIN:
            raise PinNotTold
        kept = ledger.texts.put(notice.dossier, note.strip())
        if not ledger.notices.decide(notice, state=state.value, trouble=kept):
            raise NoSuchMessage
        detail = f"{notice.fact} {notice.channel}: {NOTICE_STATE_NAMES[state]}"
        ledger.audit.note(account=by.account, place=by.place, what=what, subject=notice.dossier, detail=detail)


def _must_be_here(ledger: Ledger, notice: Notice, by: Actor) -> None:
    """Raise MessageElsewhere unless the dossier was handed in here, or something of it lies here or comes here."""
    if Role.ADMIN in by.roles:
        return
    items = ledger.items_of(notice.dossier)
    places = {place for each in items for place in (each.custodian.place, each.destination.place)}
    if by.place not in places | {ledger.dossier(notice.dossier).office}:
        raise MessageElsewhere(dossier=codes.shown(notice.dossier))
